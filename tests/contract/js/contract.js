// What the scripts beside this one share: the place they speak to, claims, and which of the
// client's methods they called. Each script ends with `report()`, which prints JSON.
import { deepStrictEqual } from "node:assert";
import { createClient } from "@supabase/supabase-js";
import ws from "ws";

export const place = JSON.parse(process.argv[2]);

/** A client that keeps its session in memory, as a page does that has just been opened. */
export function connect(key = place.anon, { token, ...auth } = {}) {
  return createClient(place.address, key, {
    auth: { persistSession: true, autoRefreshToken: false, detectSessionInUrl: false, storage: memory(), ...auth },
    realtime: { transport: ws },
    global: token ? { headers: { Authorization: `Bearer ${token}` } } : {},
  });
}

function memory() {
  const kept = new Map();
  return {
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

const failures = {};
const claims = [];
const unused = new Set();

/** Have every public method of these classes noted when it is called. */
export function watch(classes) {
  for (const [name, type] of Object.entries(classes)) {
    for (const [method, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
      if (typeof value === "function" && method !== "constructor" && !method.startsWith("_")) {
        notice(type.prototype, method, `${name}.${method}`, value);
      }
    }
  }
}

/** The same for methods that an object carries itself. */
export function watchObject(name, object) {
  for (const [method, value] of Object.entries(object)) {
    if (typeof value === "function") notice(object, method, `${name}.${method}`, value);
  }
}

function notice(owner, method, full, original) {
  unused.add(full);
  owner[method] = function (...given) {
    unused.delete(full);
    return original.apply(this, given);
  };
}

/** State what holds; the claims are tried one after the other, in their order. */
export function claim(text, holds) {
  claims.push([text, holds]);
}

export function same(found, expected) {
  deepStrictEqual(found, expected);
}

/** The data of an answer that has to be good. */
export function good({ data, error }) {
  if (error) throw new Error(JSON.stringify({ code: error.code, message: error.message, status: error.status }));
  return data;
}

export async function report() {
  for (const [text, holds] of claims) {
    try {
      await holds();
    } catch (error) {
      failures[text] = String(error.stack ?? error).split("\n    at ")[0];
    }
  }
  process.stdout.write(JSON.stringify({ claims: claims.length, failures, unused: [...unused].sort() }));
  process.exit(0);
}

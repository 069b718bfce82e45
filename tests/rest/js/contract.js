// Speaks to a running server as a supabase-js application does; prints what came back as JSON.
import { createClient } from "@supabase/supabase-js";
import ws from "ws";

const [address, key, token] = process.argv.slice(2);
const client = createClient(address, key, {
  auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  realtime: { transport: ws },
  global: { headers: { Authorization: `Bearer ${token}` } },
});
const books = (columns = "id", options = {}) => client.from("books").select(columns, options).lt("id", 6);
const ids = async (query) => (await query.order("id")).data.map((row) => row.id);

const answers = {
  filters: [
    await ids(books().eq("title", "Solaris")),
    await ids(books().neq("id", 1)),
    await ids(books().gt("id", 3)),
    await ids(books().gte("id", 4)),
    await ids(books().lte("id", 2)),
    await ids(books().like("title", "The%")),
    await ids(books().ilike("title", "%KIN%")),
    await ids(books().likeAnyOf("title", ["Sol%", "Kin%"])),
    await ids(books().is("author_id", null)),
    await ids(books().in("title", ["Solaris", "Nothing, (here)"])),
    await ids(books().contains("tags", ["dreams"])),
    await ids(books().contains("details", { isbn: "a1" })),
    await ids(books().containedBy("tags", ["dreams", "ocean"])),
    await ids(books().overlaps("tags", ["moon", "ocean"])),
    await ids(books().rangeLt("lent", "[15,18)")),
    await ids(books().rangeGt("lent", "[15,18)")),
    await ids(books().rangeAdjacent("lent", "[10,12)")),
    await ids(books().textSearch("words", "heaven")),
    await ids(books().textSearch("title", "the heavens", { type: "websearch", config: "english" })),
    await ids(books().match({ id: 1, shelf: "fiction" })),
    await ids(books().not("id", "in", "(1,2)")),
    await ids(books().or("id.eq.1,and(id.gt.2,id.lt.4)")),
    await ids(books().filter("details->>isbn", "eq", "b2")),
  ],
  page: (await books().order("id", { ascending: false }).range(1, 2)).data,
  count: (await books("*", { count: "exact", head: true })).count,
  embedded: (
    await client
      .from("authors")
      .select("name, books!author_id(title, loans(count))")
      .eq("id", 2)
      .order("title", { referencedTable: "books" })
      .limit(1, { referencedTable: "books" })
      .single()
  ).data,
  nobody: (await client.from("books").select("id").eq("id", 99).maybeSingle()).data,
  several: (await client.from("books").select("id").single()).error.code,
  csv: (await client.from("books").select("id,title").eq("id", 3).csv()).data,
  inserted: (await client.from("authors").insert({ id: 601, name: "A" }).select("id,name")).data,
  many: (await client.from("authors").insert([{ id: 602, name: "B" }, { id: 603, name: "C" }])).status,
  merged: (await client.from("authors").upsert({ id: 601, name: "AA" }).select("name").single()).data,
  ignored: (
    await client
      .from("authors")
      .upsert({ id: 601, name: "X" }, { onConflict: "id", ignoreDuplicates: true })
      .select("name")
  ).data,
  changed: (await client.from("authors").update({ born: "1950-01-01" }).gt("id", 600).select("id")).data.length,
  deleted: (await client.from("authors").delete({ count: "exact" }).gt("id", 600)).count,
  duplicate: (await client.from("authors").insert({ id: 1, name: "Again" })).error.code,
  value: (await client.rpc("add_them", { a: 1, b: 2 })).data,
  byGet: (await client.rpc("add_them", { a: 1 }, { get: true })).data,
  rows: (await client.rpc("books_of", { author: 1 }).select("id").eq("id", 2)).data,
  nowhere: (await client.from("nowhere").select("*")).error.code,
};
process.stdout.write(JSON.stringify(answers));

// The data API as a supabase-js application speaks to it: every method of every builder.
import {
  PostgrestBuilder,
  PostgrestClient,
  PostgrestError,
  PostgrestFilterBuilder,
  PostgrestQueryBuilder,
  PostgrestTransformBuilder,
} from "@supabase/postgrest-js";
import { claim, connect, good, place, report, same, watch } from "./contract.js";

watch({
  PostgrestBuilder,
  PostgrestClient,
  PostgrestError,
  PostgrestFilterBuilder,
  PostgrestQueryBuilder,
  PostgrestTransformBuilder,
});

const person = connect(place.anon, { token: place.token });
const stranger = connect(place.anon, { token: place.stranger });
const visitor = connect();

const books = (columns = "id", options = {}) => person.from("books").select(columns, options).lt("id", 6);
const ids = async (query) => good(await query.order("id")).map((row) => row.id);

const FILTERS = {
  eq: [(q) => q.eq("title", "Solaris"), [3]],
  neq: [(q) => q.neq("id", 1), [2, 3, 4, 5]],
  gt: [(q) => q.gt("id", 3), [4, 5]],
  gte: [(q) => q.gte("id", 4), [4, 5]],
  lt: [(q) => q.lt("id", 2), [1]],
  lte: [(q) => q.lte("id", 2), [1, 2]],
  like: [(q) => q.like("title", "The%"), [1, 2]],
  likeAllOf: [(q) => q.likeAllOf("title", ["The%", "%Heaven"]), [2]],
  likeAnyOf: [(q) => q.likeAnyOf("title", ["Sol%", "Kin%"]), [3, 4]],
  ilike: [(q) => q.ilike("title", "%KIN%"), [4]],
  ilikeAllOf: [(q) => q.ilikeAllOf("title", ["the%", "%heaven"]), [2]],
  ilikeAnyOf: [(q) => q.ilikeAnyOf("title", ["sol%", "kin%"]), [3, 4]],
  regexMatch: [(q) => q.regexMatch("title", "^The .*n$"), [2]],
  regexIMatch: [(q) => q.regexIMatch("title", "^the "), [1, 2]],
  is: [(q) => q.is("author_id", null), [5]],
  isDistinct: [(q) => q.isDistinct("editor_id", 1), [1, 2, 5]],
  in: [(q) => q.in("title", ["Solaris", "Nothing, (here)"]), [3]],
  notIn: [(q) => q.notIn("id", [1, 2]), [3, 4, 5]],
  "contains, a list": [(q) => q.contains("tags", ["dreams"]), [2, 3]],
  "contains, an object": [(q) => q.contains("details", { isbn: "a1" }), [1]],
  "contains, a range": [(q) => q.contains("lent", "[21,22]"), [2]],
  containedBy: [(q) => q.containedBy("tags", ["dreams", "ocean"]), [2, 3, 4]],
  rangeGt: [(q) => q.rangeGt("lent", "[15,18)"), [2]],
  rangeGte: [(q) => q.rangeGte("lent", "[15,18)"), [2]],
  rangeLt: [(q) => q.rangeLt("lent", "[15,18)"), [1]],
  rangeLte: [(q) => q.rangeLte("lent", "[15,18)"), [1]],
  rangeAdjacent: [(q) => q.rangeAdjacent("lent", "[10,12)"), [1]],
  overlaps: [(q) => q.overlaps("tags", ["moon", "ocean"]), [1, 3]],
  "textSearch, plain words of PostgreSQL": [(q) => q.textSearch("words", "heaven & lathe"), [2]],
  "textSearch, plain": [(q) => q.textSearch("title", "the heavens", { type: "plain", config: "english" }), [2]],
  "textSearch, phrase": [(q) => q.textSearch("title", "lathe of heaven", { type: "phrase", config: "english" }), [2]],
  "textSearch, as in a search engine": [(q) => q.textSearch("title", "heaven or solaris", { type: "websearch" }), [2, 3]],
  match: [(q) => q.match({ id: 1, shelf: "fiction" }), [1]],
  not: [(q) => q.not("id", "in", "(1,2)"), [3, 4, 5]],
  or: [(q) => q.or("id.eq.1,and(id.gt.2,id.lt.4)"), [1, 3]],
  filter: [(q) => q.filter("details->>isbn", "eq", "b2"), [2]],
};
for (const [name, [narrow, expected]] of Object.entries(FILTERS)) {
  claim(`filter ${name}`, async () => same(await ids(narrow(books())), expected));
}

claim("select: aliases, casts, JSON paths and computed columns", async () => {
  const row = good(
    await books("name:title, price::text, city:details->maker->>city, title_and_pages").eq("id", 1).single(),
  );
  same(row, { name: "The Dispossessed", price: "9.50", city: "New York", title_and_pages: "The Dispossessed (341)" });
});
claim("select: relations to any depth, to one, to many and through a junction", async () => {
  const row = good(
    await books("title, author:authors!author_id(name, mentor:mentor_id(name)), readers(\"Full Name\"), loans(days)")
      .eq("id", 3)
      .single(),
  );
  same(row, {
    title: "Solaris",
    author: { name: "Stanislaw", mentor: { name: "Ursula" } },
    readers: [{ "Full Name": "Ann Reader" }],
    loans: [{ days: 21 }],
  });
});
claim("select: inner and spread relations, filters and aggregates inside them", async () => {
  const authors = person.from("authors");
  same(good(await authors.select("name, books!author_id!inner(id)").eq("books.id", 3)), [
    { name: "Stanislaw", books: [{ id: 3 }] },
  ]);
  same(good(await authors.select("name, books!author_id(count)").eq("id", 1)), [{ name: "Ursula", books: [{ count: 2 }] }]);
  same(good(await books("title, ...authors!author_id(author:name)").eq("id", 3)), [{ title: "Solaris", author: "Stanislaw" }]);
});
claim("select: counted exactly, planned and estimated, with and without rows", async () => {
  same((await books("*", { count: "exact", head: true })).count, 5);
  same((await books("*", { count: "exact", head: true })).data, null);
  for (const count of ["planned", "estimated"]) same((await books("id", { count })).count >= 0, true);
});
claim("order, limit and range, of rows and of what is embedded", async () => {
  same(good(await books().order("id", { ascending: false }).range(1, 2)), [{ id: 4 }, { id: 3 }]);
  same(good(await books("id, price").order("price", { nullsFirst: true }).limit(2)), [
    { id: 4, price: null },
    { id: 5, price: 1 },
  ]);
  const author = good(
    await person
      .from("authors")
      .select("name, books!author_id(title)")
      .eq("id", 1)
      .order("title", { referencedTable: "books", ascending: false })
      .limit(1, { referencedTable: "books" })
      .single(),
  );
  same(author, { name: "Ursula", books: [{ title: "The Lathe of Heaven" }] });
  const paged = await person
    .from("authors")
    .select("books!author_id(id)")
    .eq("id", 1)
    .order("id", { referencedTable: "books" })
    .range(1, 1, { referencedTable: "books" });
  same(good(paged), [{ books: [{ id: 2 }] }]);
});
claim("single and maybeSingle: one row, none, or too many", async () => {
  same(good(await books().eq("id", 1).single()), { id: 1 });
  same((await person.from("books").select("id").single()).error.code, "PGRST116");
  same(good(await books().eq("id", 99).maybeSingle()), null);
  same((await books().maybeSingle()).error.code, "PGRST116");
});
claim("csv", async () => same(good(await books("id,title").eq("id", 3).csv()), "id,title\n3,Solaris"));
claim("stripNulls", async () => same(good(await books("id,price").eq("id", 4).stripNulls()), [{ id: 4 }]));
claim("geojson and explain are refused with PostgREST's code", async () => {
  same((await books().geojson()).error.code, "PGRST107");
  same((await books().explain()).error.code, "PGRST107");
});
claim("abortSignal ends the wait", async () => {
  const { error } = await person.rpc("sleep", { seconds: 1 }).abortSignal(AbortSignal.timeout(50));
  same(/Abort|Timeout/.test(error.message), true);
});
claim("setHeader, retry, returns, overrideTypes: the request is as good as without", async () => {
  same(good(await books().eq("id", 1).setHeader("x-trace", "1").retry(false)), [{ id: 1 }]);
  same(good(await books().eq("id", 1).returns()), [{ id: 1 }]);
  same(good(await books().eq("id", 1).overrideTypes()), [{ id: 1 }]);
  same(good(await person.from("books").select("id").eq("id", 1).single().returns()), { id: 1 });
});
claim("throwOnError throws PostgREST's error", async () => {
  for (const asked of [
    person.from("nowhere").select("*").throwOnError(),
    person.from("nowhere").delete().throwOnError(),
    person.from("books").select("id").single().throwOnError(),
  ]) {
    const error = await asked.then(() => null, (thrown) => thrown);
    same(error instanceof PostgrestError, true);
    same(Object.keys(error.toJSON()).sort(), ["code", "details", "hint", "message", "name"]);
  }
});
claim("another schema is refused", async () => {
  same((await person.schema("platform").from("jobs").select("*")).error.code, "PGRST106");
  same((await person.schema("public").from("readers").select("id").eq("id", 1).single()).data, { id: 1 });
});
claim("what is not there is named", async () => {
  same((await person.from("nowhere").select("*")).error.code, "PGRST205");
  same((await person.rpc("nothing")).error.code, "PGRST202");
  same((await books("nothing")).error.code, "42703");
  same((await person.from("books").select("id, readers_of(id)")).error.code, "PGRST200");
});

claim("insert: one row, several, with defaults, with rows back and without", async () => {
  const authors = person.from("authors");
  same(good(await authors.insert({ id: 601, name: "A" }).select("id,name")), [{ id: 601, name: "A" }]);
  const several = await authors.insert([{ id: 602, name: "B" }, { id: 603, name: "C", born: "1950-01-01" }], { count: "exact" });
  same([several.status, several.data, several.count], [201, null, 2]);
  const defaults = person
    .from("books")
    .insert([{ title: "X" }, { title: "Y", tags: ["y"] }], { defaultToNull: false })
    .select("tags");
  same(good(await defaults), [{ tags: [] }, { tags: ["y"] }]);
  same((await authors.insert({ id: 1, name: "Again" })).error.code, "23505");
  same((await authors.insert({ id: 604, name: null })).error.code, "23502");
});
claim("upsert: merged, ignored, by another key, with defaults", async () => {
  const authors = person.from("authors");
  same(good(await authors.upsert({ id: 601, name: "AA" }).select("name").single()), { name: "AA" });
  const ignored = authors.upsert({ id: 601, name: "X" }, { onConflict: "id", ignoreDuplicates: true }).select("name");
  same(good(await ignored), []);
  const readers = person.from("readers");
  const merged = readers.upsert({ id: 2, "Full Name": "Bob Reader" }, { onConflict: "Full Name", count: "exact" });
  same((await merged).count, 1);
  same(good(await authors.upsert([{ id: 605, name: "D" }], { defaultToNull: false }).select("id")), [{ id: 605 }]);
});
claim("update: with rows back, counted, and no more than so many", async () => {
  const authors = person.from("authors");
  same(good(await authors.update({ born: "1951-01-01" }).eq("id", 601).select("born")), [{ born: "1951-01-01" }]);
  same((await authors.update({ born: null }, { count: "exact" }).gt("id", 600)).count, 4);
  same((await authors.update({ born: null }).gt("id", 600).maxAffected(1)).error.code, "PGRST124");
});
claim("rollback undoes where the setting allows it, and is ignored elsewhere", async () => {
  const undone = await person.from("authors").update({ name: "Undone" }).eq("id", 601).rollback().select("name").single();
  same(good(undone), { name: "Undone" });
  const kept = good(await person.from("authors").select("name").eq("id", 601).single());
  same(kept.name, place.allowsRollback ? "AA" : "Undone");
});
claim("delete: counted, with rows back", async () => {
  const gone = await person.from("authors").delete().eq("id", 605).select("id");
  same(good(gone), [{ id: 605 }]);
  same((await person.from("authors").delete({ count: "exact" }).gt("id", 600)).count, 3);
  same((await person.from("books").delete({ count: "exact" }).in("title", ["X", "Y"])).count, 2);
});

claim("rpc: by POST, by GET and HEAD, overloaded, filtered, counted, one row", async () => {
  same(good(await person.rpc("add_them", { a: 1, b: 2 })), 3);
  same(good(await person.rpc("add_them", { a: 1 }, { get: true })), 11);
  same(good(await person.rpc("describe", { name: "Ann", age: 3 })), "aged Ann3");
  same(good(await person.rpc("sum_list", { numbers: [1, 2, 3] })), 6);
  same(good(await person.rpc("sum_list", { numbers: [1, 2, 3] }, { get: true })), 6);
  same(good(await person.rpc("books_of", { author: 1 }).select("id").eq("id", 2)), [{ id: 2 }]);
  same((await person.rpc("books_of", { author: 1 }, { count: "exact", head: true })).count, 2);
  same(good(await person.rpc("books_of", { author: 2 }).select("title, loans(days)").single()), {
    title: "Solaris",
    loans: [{ days: 21 }],
  });
  same(good(await person.rpc("forget")), null);
});
claim("rpc: a failing function's own code, message, details and hint", async () => {
  const { error, status } = await person.rpc("fail_with", { state: "PT402" });
  same([status, error.code, error.message, error.details, error.hint], [402, "PT402", "as asked", "a detail", "a hint"]);
});
claim("vectors are written, read and searched, as numbers or as text", async () => {
  const passages = person.from("passages");
  const written = [
    { id: 1, body: "cats", embedding: [1, 0, 0] },
    { id: 2, body: "kittens", embedding: "[0.9,0.1,0]" },
    { id: 3, body: "ships", embedding: JSON.stringify([0, 0, 1]) },
  ];
  same((await passages.insert(written)).status, 201);
  same(good(await passages.select("embedding").eq("id", 2).single()), { embedding: "[0.9,0.1,0]" });
  const near = { query_embedding: [1, 0, 0], match_threshold: 0.5, match_count: 5 };
  const found = good(await person.rpc("match_passages", near));
  same(found.map((row) => row.body), ["cats", "kittens"]);
  same(Math.round(found[0].similarity), 1);
  const texts = good(await person.rpc("match_passages", { ...near, query_embedding: "[0,0,1]" }).select("body").limit(1));
  same(texts, [{ body: "ships" }]);
  const wrong = await person.rpc("match_passages", { ...near, query_embedding: [1] });
  same([wrong.status, wrong.error.code], [400, "22000"]);
});

claim("a stranger and a visitor neither see nor change what is somebody's", async () => {
  const near = { query_embedding: [1, 0, 0], match_threshold: -1, match_count: 5 };
  same(good(await person.from("diaries").insert({ id: 1, entry: "Mine" }).select("entry")), [{ entry: "Mine" }]);
  same(good(await stranger.from("diaries").select("*")), []);
  same(good(await stranger.from("diaries").update({ entry: "Yours" }).eq("id", 1).select()), []);
  same(good(await stranger.from("diaries").delete().eq("id", 1).select()), []);
  same(good(await stranger.rpc("match_passages", near)), []);
  same((await stranger.from("diaries").upsert({ id: 1, entry: "Yours" })).error.code, "42501");
  for (const asked of [
    visitor.from("diaries").select("*"),
    visitor.from("diaries").insert({ id: 2, entry: "?" }),
    visitor.from("authors").select("secret"),
    visitor.from("books").delete().eq("id", 1),
    visitor.rpc("forget"),
  ]) {
    const { error, status } = await asked;
    same([status, error.code], [401, "42501"]);
  }
  same(good(await person.from("diaries").select("entry")), [{ entry: "Mine" }]);
});
claim("a visitor reads what is public, and * means what may be read", async () => {
  same(good(await visitor.from("books").select("id").eq("id", 3)), [{ id: 3 }]);
  same(Object.keys(good(await visitor.from("authors").select().eq("id", 1).single())), ["id", "name", "born", "mentor_id"]);
});
claim("a forged, a spent and a foreign key are refused", async () => {
  for (const token of [place.forged, place.expired]) {
    const { error, status } = await connect(place.anon, { token }).from("books").select("id");
    same([status, error.code], [401, token === place.expired ? "PGRST303" : "PGRST301"]);
  }
});

await report();

// Files as a supabase-js application keeps them: every method of the storage client.
import { StorageClient } from "@supabase/storage-js";
import { claim, connect, good, place, report, same, watch } from "./contract.js";

const storage = new StorageClient("http://localhost", {});
const parts = { StorageClient };
for (let type = Object.getPrototypeOf(StorageClient); type.prototype; type = Object.getPrototypeOf(type)) {
  parts[type.name || "Base"] = type;
}
parts.StorageFileApi = storage.from("x").constructor;
watch(parts);

const service = connect(place.service);
const person = connect(place.anon, { token: place.token });
const stranger = connect(place.anon, { token: place.stranger });
const visitor = connect();
const mine = person.storage.from("files");
const text = (body) => new Blob([body], { type: "text/plain" });
const name = (path) => `${place.user}/${path}`;
const read = async (answer) => (await good(answer).text());
const refused = ({ error, data }) => {
  same(data, null);
  return error.statusCode;
};

claim("buckets: made, found, listed, changed, emptied, deleted, by the service key alone", async () => {
  const { storage } = service;
  same(good(await storage.createBucket("js", { public: false, fileSizeLimit: 100, allowedMimeTypes: ["text/*"] })).name, "js");
  same((await storage.getBucket("js")).data.file_size_limit, 100);
  same(good(await storage.listBuckets({ search: "js" })).map((bucket) => bucket.id), ["js"]);
  good(await storage.updateBucket("js", { public: true, fileSizeLimit: 1000 }));
  same((await storage.getBucket("js")).data.public, true);
  good(await storage.from("js").upload("a.txt", text("a")));
  same(refused(await storage.deleteBucket("js")), "409");
  good(await storage.emptyBucket("js"));
  good(await storage.deleteBucket("js"));
  same(refused(await storage.getBucket("js")), "404");
  for (const other of [person, stranger, visitor]) same(refused(await other.storage.createBucket("theirs")), "403");
});
claim("upload, update, download, info, exists, and no silent replacing", async () => {
  const stored = good(await mine.upload(name("notes/a b.txt"), text("first"), { metadata: { draft: true } }));
  same([stored.path, stored.fullPath], [name("notes/a b.txt"), `files/${name("notes/a b.txt")}`]);
  same(await read(await mine.download(name("notes/a b.txt"))), "first");
  same(refused(await mine.upload(name("notes/a b.txt"), text("again"))), "409");
  good(await mine.upload(name("notes/a b.txt"), text("second"), { upsert: true, cacheControl: "60" }));
  good(await mine.update(name("notes/a b.txt"), Buffer.from("third"), { contentType: "text/plain", metadata: { draft: false } }));
  const info = good(await mine.info(name("notes/a b.txt")));
  same([info.size, info.contentType, info.metadata], [5, "text/plain", { draft: false }]);
  same((await mine.exists(name("notes/a b.txt"))).data, true);
  same((await mine.exists(name("nothing"))).data, false);
});
claim("list and listV2: folders, order, search, pages", async () => {
  for (const file of ["l/b.txt", "l/a.txt", "l/sub/c.txt"]) good(await mine.upload(name(file), text(file)));
  const listed = good(await mine.list(name("l"), { sortBy: { column: "name", order: "asc" } }));
  same(listed.map((file) => file.name), ["sub", "a.txt", "b.txt"]);
  same(good(await mine.list(name("l"), { limit: 1, offset: 2 })).map((file) => file.name), ["b.txt"]);
  same(good(await mine.list(name("l"), { search: "a" })).map((file) => file.name), ["a.txt"]);
  const page = good(await mine.listV2({ prefix: name("l/"), limit: 2, with_delimiter: false }));
  same([page.hasNext, page.objects.length], [true, 2]);
});
claim("move, copy and remove", async () => {
  good(await mine.upload(name("m/one.txt"), text("one")));
  good(await mine.move(name("m/one.txt"), name("m/two.txt")));
  good(await mine.copy(name("m/two.txt"), name("m/three.txt")));
  same(await read(await mine.download(name("m/three.txt"))), "one");
  const gone = good(await mine.remove([name("m/two.txt"), name("m/three.txt"), name("m/never.txt")]));
  same(gone.map((file) => file.name).sort(), [name("m/three.txt"), name("m/two.txt")]);
});
claim("signed addresses read one file, or take one", async () => {
  good(await mine.upload(name("s.txt"), text("signed")));
  const { signedUrl } = good(await mine.createSignedUrl(name("s.txt"), 60, { download: "other.txt" }));
  same(await (await fetch(signedUrl)).text(), "signed");
  const several = good(await mine.createSignedUrls([name("s.txt"), "not/mine.txt"], 60));
  same(await (await fetch(several[0].signedUrl)).text(), "signed");
  same(several[1].error !== null, true);
  const { path, token } = good(await mine.createSignedUploadUrl(name("taken.txt")));
  good(await visitor.storage.from("files").uploadToSignedUrl(path, token, text("taken")));
  same(await read(await mine.download(name("taken.txt"))), "taken");
  same((await fetch(signedUrl.replace("s.txt", "taken.txt"))).ok, false);
});
claim("a public bucket is read by everybody, at its public address", async () => {
  const assets = person.storage.from("assets");
  good(await assets.upload(name("p.txt"), text("public")));
  const { publicUrl } = assets.getPublicUrl(name("p.txt")).data;
  same(await (await fetch(publicUrl)).text(), "public");
});
claim("scaled pictures and a cache to purge are refused as not supported", async () => {
  same((await mine.purgeCache(name("s.txt"))).error.status, 501);
  same((await service.storage.purgeBucketCache("files")).error.status, 501);
});
claim("throwOnError throws, setHeader goes along", async () => {
  const missing = person.storage.from("files").throwOnError().setHeader("x-trace", "1").download(name("nothing"));
  const error = await Promise.resolve(missing).then(() => null, (thrown) => thrown);
  same(error.name.startsWith("Storage"), true);
});
claim("a stranger and a visitor neither see nor change what is somebody's", async () => {
  for (const other of [stranger, visitor]) {
    const theirs = other.storage.from("files");
    same((await theirs.download(name("s.txt"))).data, null);
    same(refused(await theirs.createSignedUrl(name("s.txt"), 60)), "404");
    same(good(await theirs.list(place.user)), []);
    same(good(await theirs.remove([name("s.txt")])), []);
    same(refused(await theirs.upload(name("new.txt"), text("x"))), "403");
    same((await theirs.upload(name("s.txt"), text("x"), { upsert: true })).data, null);
    same((await theirs.move(name("s.txt"), name("t.txt"))).data, null);
    same((await theirs.copy(name("s.txt"), `${place.other}/t.txt`)).data, null);
  }
  same(await read(await mine.download(name("s.txt"))), "signed");
});

await report();

// PostGraphile as its documentation sets it up, acting as one person under row-level security.
// node postgraphile.mjs '{"packages": …, "host": …, "database": …, "port": …, "claims": …}'
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// PostGraphile 5 asks for Node 22, of which it needs this alone.
Promise.withResolvers ??= function () {
  const found = {};
  found.promise = new Promise((resolve, reject) => Object.assign(found, { resolve, reject }));
  return found;
};

const given = JSON.parse(process.argv[2]);
const require = createRequire(`${given.packages}/package.json`);
const load = (name) => import(pathToFileURL(require.resolve(name)));

const { postgraphile } = await load("postgraphile");
const { PostGraphileAmberPreset } = await load("postgraphile/presets/amber");
const { makePgService } = await load("postgraphile/adaptors/pg");
const { grafserv } = await load("postgraphile/grafserv/node");

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  // It refuses functions with the name of a table, and leaves out those that take vectors.
  disablePlugins: ["PgProceduresPlugin"],
  pgServices: [
    makePgService({
      poolConfig: { host: given.host, user: "postgres", database: given.database, max: given.connections },
      schemas: ["public"],
    }),
  ],
  grafast: {
    explain: false,
    context: () => ({ pgSettings: { role: "authenticated", "request.jwt.claims": given.claims } }),
  },
  grafserv: { graphiql: false, watch: false, maxRequestLength: 10_000_000 },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(given.port, "127.0.0.1");

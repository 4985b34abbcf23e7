/**
 * Which parts of a stat's name are tags: `cluster.up.upstream_rq_200` is cluster.upstream_rq with
 * envoy.cluster_name=up and envoy.response_code=200. Source: source/common/config/well_known_names.cc.
 */

export interface Tag {
  readonly name: string;
  readonly value: string;
}

export interface TaggedName {
  /** The name without its tags' parts. */
  readonly name: string;
  /** In the order of the rules. */
  readonly tags: readonly Tag[];
}

interface TagRule {
  readonly tag: string;
  /** Names without this are skipped unread. */
  readonly hint: string;
  /** Group 1 leaves the name, group 2 is the value. */
  readonly pattern: RegExp;
}

function rule(tag: string, hint: string, pattern: RegExp): TagRule {
  return { tag: `envoy.${tag}`, hint, pattern };
}

/** The first dot-free label after a prefix, for names that begin with it. */
function label(tag: string, prefix: string): TagRule {
  return rule(tag, prefix, new RegExp(`^${prefix.replaceAll(".", "\\.")}(([^.]+)\\.)`, "d"));
}

/** Every rule is tried on the whole name; one whose match overlaps an earlier one's still counts. */
const RULES: readonly TagRule[] = [
  rule("response_code", "_rq_", /_rq(_(\d{3}))$/d),
  rule("response_code_class", "_rq_", /_rq_((\d))xx$/d),
  rule("http_user_agent", ".user_agent.", /^http\..*?\.user_agent\.(([^.]+)\.)\w+$/d),
  rule("rds_route_config", ".rds.", /^http\.[^.]+\.rds\.((.+?)\.)\w+$/d),
  rule("scoped_rds_config", ".scoped_rds.", /^http\.[^.]+\.scoped_rds\.((.+?)\.)\w+$/d),
  rule("fault_downstream_cluster", ".fault.", /^http\.[^.]+\.fault\.(([^.]+)\.)\w+$/d),
  rule("rbac_http_prefix", ".rbac.", /^http\.[^.]+\.rbac\.(([^.]+)\.)\w+$/d),
  rule("ext_authz_prefix", ".ext_authz.", /^(?:cluster|http)\.[^.]+\.ext_authz\.(([^.]+)\.)\w+$/d),
  rule("http_conn_manager_prefix", ".http.", /^listener\..*?\.http\.((.+?)\.)\w+$/d),
  rule("http_conn_manager_prefix", "http.", /^http\.(([^.]+)\.)/d),
  rule("ssl_cipher", ".ssl.cipher", /^(?:listener|cluster)\..*?\.ssl\.ciphers?(\.(.+?))$/d),
  rule("ssl_version", ".ssl.versions.", /\.ssl\.versions(\.(TLSv[\d.]+))$/d),
  rule("ssl_curve", ".ssl.curves.", /\.ssl\.curves(\.([\w-]+))$/d),
  rule("ssl_sigalg", ".ssl.sigalgs.", /\.ssl\.sigalgs(\.([\w-]+))$/d),
  rule("grpc_bridge_service", ".grpc.", /^cluster\.[^.]+\.grpc\.((.+)\.)[^.]+\.\w+$/d),
  rule("grpc_bridge_method", ".grpc.", /^cluster\.[^.]+\.grpc\..+\.(([^.]+)\.)\w+$/d),
  rule("virtual_cluster", ".vcluster.", /^vhost\.[^.]+\.vcluster\.(([^.]+)\.)/d),
  rule("route", ".route.", /^vhost\.[^.]+\.route\.(([^.]+)\.)/d),
  label("virtual_host", "vhost."),
  rule(
    "worker_id",
    "worker_",
    /^(?:listener\..*|server|thread_local_cluster_manager)\.worker(_(\d+))\./d,
  ),
  rule(
    "cluster_name",
    "cluster.",
    /^(?:cluster|thread_local_cluster_manager)\.((.+?)\.)(?!worker)/d,
  ),
  rule("listener_address", "listener.", /^listener\.(([_.\d]+|[_[\]:a-fA-F\d]+)\.)/d),
  label("tcp_prefix", "tcp."),
  label("udp_prefix", "udp."),
  label("clientssl_prefix", "auth.clientssl."),
  label("ratelimit_prefix", "ratelimit."),
  rule(
    "local_http_ratelimit_prefix",
    ".http_local_rate_limit.",
    /^((.+?)\.)http_local_rate_limit\./d,
  ),
  label("local_network_ratelimit_prefix", "local_rate_limit."),
  label("local_listener_ratelimit_prefix", "listener_local_ratelimit."),
  label("connection_limit_prefix", "connection_limit."),
  label("dns_filter_prefix", "dns_filter."),
  rule("rbac_prefix", ".rbac.", /^((?!http\.)(.+?)\.)rbac\./d),
  rule("rbac_policy_name", ".policy.", /\.policy\.((.+?)\.)(?:shadow_)?(?:allowed|denied)$/d),
  label("google_grpc_client_prefix", "grpc."),
];

/** What `--stats-tag` adds to each stat. */
export type FixedTags = readonly Tag[];

/** Splits a name; `fixed` tags come first. */
export function extractTags(name: string, fixed: FixedTags = []): TaggedName {
  const tags: Tag[] = [...fixed];
  const cuts: [number, number][] = [];
  for (const { tag, hint, pattern } of RULES) {
    if (!name.includes(hint) || tags.some((known) => known.name === tag)) continue;
    const match = pattern.exec(name);
    const cut = match?.indices?.[1];
    if (match === null || cut === undefined) continue;
    tags.push({ name: tag, value: match[2]! });
    cuts.push(cut);
  }
  if (cuts.length === 0) return { name, tags };
  cuts.sort((a, b) => a[0] - b[0]);
  let rest = "";
  let from = 0;
  for (const [start, end] of cuts) {
    if (start > from) rest += name.slice(from, start);
    from = Math.max(from, end);
  }
  return { name: rest + name.slice(from), tags };
}

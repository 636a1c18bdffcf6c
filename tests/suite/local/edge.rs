//! `edge.yaml`: what it caches, what it adds to requests, and what its firewall may refuse.

use std::collections::BTreeSet;

use api::{ORIGIN_SECRET_HEADER, VIEWER_ADDRESS_HEADER};
use serde_yaml_ng::Value;
use tokenbooth::Routes;

use super::contract::yaml;

/// AWS's managed policies CachingDisabled and AllViewerExceptHostHeader.
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";
const ALL_HEADERS_BUT_HOST: &str = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

/// The functions whose responses are the same for everybody.
const PUBLIC_FUNCTIONS: [&str; 3] = ["discovery", "jwks", "protected-resource"];

/// The errors whose caching CloudFront lets us set, except 416, which it never caches.
const ERRORS: [u64; 10] = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];

fn properties(resource: &str) -> Value {
    let properties = yaml("edge.yaml")["Resources"][resource]["Properties"].clone();
    assert!(properties.is_mapping(), "{resource}");
    properties
}

fn distribution() -> Value {
    properties("Distribution")["DistributionConfig"].clone()
}

fn list(value: &Value) -> &[Value] {
    value.as_sequence().expect("a list")
}

#[test]
fn only_responses_that_are_the_same_for_everybody_are_cached() {
    let distribution = distribution();
    assert_eq!(distribution["DefaultCacheBehavior"]["CachePolicyId"], CACHING_DISABLED);
    let patterns = list(&distribution["CacheBehaviors"]).iter().map(|it| it["PathPattern"].as_str());
    let patterns: Vec<_> = patterns.map(|pattern| pattern.expect("a pattern")).collect();
    let starts: Vec<_> = patterns.iter().map(|it| it.strip_suffix('*').expect("a prefix")).collect();
    assert!(!starts.is_empty());
    let routes = Routes::of_template().expect("routes");
    for route in routes.iter() {
        let is_cached = starts.iter().any(|start| route.path.starts_with(start));
        assert_eq!(is_cached, PUBLIC_FUNCTIONS.contains(&&*route.function), "{}", route.path);
    }
    // The API gets no header from the caller there, so a response cannot depend on one.
    for behavior in list(&distribution["CacheBehaviors"]) {
        assert!(behavior["OriginRequestPolicyId"].is_null());
    }
}

/// Browsers send OPTIONS before a call, and `Origin` in it.
#[test]
fn a9_preflights_and_origins_reach_the_functions_and_no_answer_to_a_page_is_cached() {
    let default = &distribution()["DefaultCacheBehavior"];
    assert!(list(&default["AllowedMethods"]).contains(&Value::from("OPTIONS")));
    assert_eq!(default["OriginRequestPolicyId"], ALL_HEADERS_BUT_HOST);
    assert_eq!(default["CachePolicyId"], CACHING_DISABLED);
    assert!(default["ResponseHeadersPolicyId"].is_null(), "CloudFront adds no headers of CORS");
}

#[test]
fn no_error_is_cached() {
    let distribution = distribution();
    let errors = list(&distribution["CustomErrorResponses"]).iter();
    let uncached = errors.filter(|it| it["ErrorCachingMinTTL"] == 0 && it["ResponseCode"].is_null());
    let codes: BTreeSet<_> = uncached.map(|it| it["ErrorCode"].as_u64().expect("a status")).collect();
    assert_eq!(codes, BTreeSet::from(ERRORS));
}

#[test]
fn v07_the_edge_sets_the_headers_that_the_functions_read() {
    let distribution = distribution();
    let [origin] = list(&distribution["Origins"]) else { panic!("one origin") };
    let [header] = list(&origin["OriginCustomHeaders"]) else { panic!("one header") };
    assert_eq!(header["HeaderName"], ORIGIN_SECRET_HEADER);
    let function = properties("ViewerAddress");
    let code = function["FunctionCode"].as_str().expect("code");
    let set = format!("request.headers['{VIEWER_ADDRESS_HEADER}'] = {{ value: event.viewer.ip }};");
    let removed = format!("delete request.headers['{ORIGIN_SECRET_HEADER}'];");
    assert!(code.contains(&set) && code.contains(&removed), "{code}");
    assert_eq!(function["AutoPublish"], true, "or the function has no effect");

    let default = &distribution["DefaultCacheBehavior"];
    assert_eq!(default["OriginRequestPolicyId"], ALL_HEADERS_BUT_HOST);
    for behavior in std::iter::once(default).chain(list(&distribution["CacheBehaviors"])) {
        let [function] = list(&behavior["FunctionAssociations"]) else { panic!("one function") };
        assert_eq!(function["EventType"], "viewer-request");
        assert_eq!(behavior["ViewerProtocolPolicy"], "https-only");
        assert_eq!(list(&behavior["AllowedMethods"]).len(), 7, "all methods");
    }
}

#[test]
fn the_origin_secret_is_hidden_and_as_long_as_a_key() {
    let secret = yaml("edge.yaml")["Parameters"]["OriginSecret"].clone();
    assert_eq!(secret["NoEcho"], true);
    assert_eq!(secret["AllowedPattern"], "^[0-9A-Za-z_-]{43,128}$");
    assert!(secret["Default"].is_null());
}

#[test]
fn the_firewall_keeps_no_samples_because_they_contain_credentials() {
    let acl = properties("WebAcl");
    let rules = list(&acl["Rules"]).iter().map(|rule| &rule["VisibilityConfig"]);
    for visibility in rules.chain([&acl["VisibilityConfig"]]) {
        assert_eq!(visibility["SampledRequestsEnabled"], false);
        assert_eq!(visibility["CloudWatchMetricsEnabled"], true);
    }
}

#[test]
fn the_firewall_limits_each_address_first_and_lets_proper_bodies_pass() {
    let acl = properties("WebAcl");
    let rules = list(&acl["Rules"]);
    assert_eq!(rules[0]["Statement"]["RateBasedStatement"]["AggregateKeyType"], "IP");
    assert_eq!(rules[0]["Action"]["Block"]["CustomResponse"]["ResponseCode"], 429);
    let body = acl["CustomResponseBodies"]["TooManyRequests"]["Content"].as_str().expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&body["status"], &body["code"]), (&429.into(), &"quota_exceeded".into()));

    let groups = rules.iter().map(|rule| &rule["Statement"]["ManagedRuleGroupStatement"]);
    let named =
        |name| groups.clone().find(|group| group["Name"] == name).unwrap_or_else(|| panic!("no {name}"));
    for name in ["AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"] {
        assert!(named(name)["RuleActionOverrides"].is_null(), "{name}");
    }
    let overrides = list(&named("AWSManagedRulesCommonRuleSet")["RuleActionOverrides"]);
    let counted =
        |rule| overrides.iter().any(|it| it["Name"] == rule && !it["ActionToUse"]["Count"].is_null());
    for rule in ["SizeRestrictions_BODY", "NoUserAgent_HEADER", "GenericRFI_BODY", "CrossSiteScripting_BODY"]
    {
        assert!(counted(rule), "{rule} refuses proper requests");
    }
}

/// One address must not be able to use up the limit of a route, which all callers share.
#[test]
fn one_address_cannot_use_up_a_route() {
    let number =
        |template: &Value, name: &str| template["Parameters"][name]["Default"].as_u64().expect("a number");
    let per_minute = number(&yaml("edge.yaml"), "RequestsPerMinute");
    let stack = yaml("template.yaml");
    assert!(per_minute * 4 < number(&stack, "RateLimit") * 60);
    assert_eq!((number(&stack, "RateLimit"), number(&stack, "BurstLimit")), (1000, 2000));
    let route_settings = &stack["Resources"]["Api"]["Properties"]["DefaultRouteSettings"];
    for setting in ["ThrottlingRateLimit", "ThrottlingBurstLimit"] {
        assert!(!route_settings[setting].is_null(), "{setting}");
    }
}

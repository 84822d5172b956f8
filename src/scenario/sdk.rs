//! Client libraries: how long they wait and how they retry, as defaults of a population of clients. They are data, in
//! `presets/sdk/`.

use super::preset::Preset;
use super::{tree, yaml};
use crate::field::{Node, NodeValue, Origin, Problems};

/// Every client library.
pub const SDKS: [Preset; 7] = [
    Preset::new(
        "openai",
        "The OpenAI client libraries.",
        include_str!("presets/sdk/openai.yaml"),
        "the OpenAI client libraries: openai-python, `_constants.py`",
    ),
    Preset::new(
        "anthropic",
        "The Anthropic client libraries.",
        include_str!("presets/sdk/anthropic.yaml"),
        "the Anthropic client libraries: anthropic-sdk-python, `_constants.py`",
    ),
    Preset::new(
        "aws",
        "The AWS client libraries in standard mode.",
        include_str!("presets/sdk/aws.yaml"),
        "AWS SDKs and Tools Reference Guide, Retry behavior; botocore's `read_timeout`",
    ),
    Preset::new(
        "okhttp",
        "OkHttp, of Java and Kotlin.",
        include_str!("presets/sdk/okhttp.yaml"),
        "OkHttp documentation: OkHttpClient.Builder, ConnectionPool",
    ),
    Preset::new(
        "go",
        "The client of Go's net/http.",
        include_str!("presets/sdk/go.yaml"),
        "Go documentation: net/http, Client and Transport; kernel documentation: tcp_retries2",
    ),
    Preset::new(
        "python-requests",
        "Python's requests.",
        include_str!("presets/sdk/python-requests.yaml"),
        "requests documentation: Timeouts, HTTPAdapter; kernel documentation: tcp_retries2",
    ),
    Preset::new(
        "dotnet",
        "HttpClient of .NET.",
        include_str!("presets/sdk/dotnet.yaml"),
        ".NET documentation: HttpClient.Timeout, SocketsHttpHandler",
    ),
];

/// Their names.
pub(super) const NAMES: &[&str] =
    &[SDKS[0].name, SDKS[1].name, SDKS[2].name, SDKS[3].name, SDKS[4].name, SDKS[5].name, SDKS[6].name];

/// Lays the library that each population of clients names under what it says itself.
///
/// # Errors
///
/// A library that cannot be read: a test reads each.
pub(super) fn lay_under(workload: &mut Node) -> Result<(), Problems> {
    let NodeValue::List(elements) = &mut workload.value else { return Ok(()) };
    for element in elements {
        let NodeValue::Map(entries) = &mut element.value else { continue };
        let [entry] = entries.as_mut_slice() else { continue };
        let named = entry.value.get("sdk").and_then(Node::text);
        let Some(sdk) = named.and_then(|name| SDKS.iter().find(|sdk| sdk.name == name)) else { continue };
        let under = yaml::parse(sdk.text(), Origin::Preset(sdk.name))?;
        let over = std::mem::replace(&mut entry.value, Node::empty_map(entry.key_place));
        entry.value = tree::lay_over(over, &under);
    }
    Ok(())
}

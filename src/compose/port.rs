//! The short syntax of ports: `ip:published:target/protocol`, each number a range if need be.

use std::net::IpAddr;

use super::error::ComposeError;
use super::node::{Node, Value};

/// The long forms of one port in short syntax, a range giving several.
pub fn expand(item: &Node) -> Result<Vec<Node>, ComposeError> {
    let Some(text) = item.printed() else { return Ok(vec![item.clone()]) };
    let wrong = || item.must_be("ports", "`ip:published:target/protocol`, with numbers from 1 to 65535");
    let mut ports = parse(&text).ok_or_else(wrong)?;
    // Compose orders the ports of a range by their texts.
    ports.sort_by_key(|port| port.target.to_string());
    Ok(ports.into_iter().map(|port| port.long(item)).collect())
}

struct Short {
    host_ip: String,
    published: String,
    target: u16,
    protocol: String,
}

impl Short {
    fn long(self, item: &Node) -> Node {
        let mut entries = vec![
            ("mode", Value::Text("ingress".to_owned())),
            ("target", Value::Int(i64::from(self.target))),
            ("protocol", Value::Text(self.protocol)),
        ];
        for (key, text) in [("host_ip", self.host_ip), ("published", self.published)] {
            if !text.is_empty() {
                entries.push((key, Value::Text(text)));
            }
        }
        let map = entries.into_iter().map(|(key, value)| (key.to_owned(), item.with(value)));
        item.with(Value::Map(map.collect()))
    }
}

fn parse(text: &str) -> Option<Vec<Short>> {
    let (numbers, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let protocol = protocol.to_ascii_lowercase();
    if !matches!(protocol.as_str(), "tcp" | "udp" | "sctp") {
        return None;
    }
    let (host, target) = numbers.rsplit_once(':').unwrap_or(("", numbers));
    let (ip, published) = host.rsplit_once(':').unwrap_or(("", host));
    let ip = ip.trim_start_matches('[').trim_end_matches(']');
    if !ip.is_empty() && ip.parse::<IpAddr>().is_err() {
        return None;
    }
    let short =
        |target, published| Short { host_ip: ip.to_owned(), published, target, protocol: protocol.clone() };
    let (first, last) = range(target)?;
    if published.is_empty() {
        return Some((first..=last).map(|target| short(target, String::new())).collect());
    }
    let (low, high) = range(published)?;
    if first == last && low != high {
        return Some(vec![short(first, published.to_owned())]);
    }
    let pairs = (first..=last).zip(low..=high).map(|(target, host)| short(target, host.to_string()));
    if last - first == high - low { Some(pairs.collect()) } else { None }
}

fn range(text: &str) -> Option<(u16, u16)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    if low <= high { Some((low, high)) } else { None }
}

//! Addresses of the web: `url('https://example.com/')`.

use std::any::Any;

use cel::common::types::{CelBool, CelList, CelMap, CelMapKey, CelString, Type};
use cel::common::value::{StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use fluent_uri::UriRef;
use indexmap::IndexMap;

/// A URL: one with a scheme, or a path from the root.
#[derive(Debug, Clone)]
struct Address(UriRef<String>);

static URL: Type = Type::new_unspecified_type("kubernetes.URL");

impl Val for Address {
    fn get_type(&self) -> &Type {
        &URL
    }

    fn cel_type() -> &'static Type {
        &URL
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>().is_some_and(|other| other.0.as_str() == self.0.as_str())
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Address {}

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn url: (CelString<'_>) -> Result<Address>)?;
    cel::add_overload!(env, fn is_url: (CelString<'_>) -> CelBool, name = "isURL")?;
    cel::add_member_overload!(env, fn get_scheme: (Address) -> CelString<'_>)?;
    cel::add_member_overload!(env, fn get_host: (Address) -> CelString<'_>)?;
    cel::add_member_overload!(env, fn get_hostname: (Address) -> CelString<'_>)?;
    cel::add_member_overload!(env, fn get_port: (Address) -> CelString<'_>)?;
    cel::add_member_overload!(env, fn get_escaped_path: (Address) -> CelString<'_>)?;
    cel::add_member_overload!(env, fn get_query: (Address) -> CelMap<'_>)
}

fn parse(text: &str) -> Option<Address> {
    let address = UriRef::parse(text.to_owned()).ok()?;
    (address.scheme().is_some() || address.path().as_str().starts_with('/')).then_some(Address(address))
}

fn url(text: &CelString<'_>) -> Result<Address, ExecutionError> {
    parse(text.inner()).ok_or_else(|| ExecutionError::function_error("url", "its argument is no URL"))
}

fn is_url(text: &CelString<'_>) -> CelBool {
    parse(text.inner()).is_some().into()
}

fn text(part: Option<&str>) -> CelString<'static> {
    CelString::from(part.unwrap_or_default().to_owned())
}

fn get_scheme(Address(address): &Address) -> CelString<'static> {
    text(address.scheme().map(fluent_uri::component::Scheme::as_str))
}

/// The host with its port.
fn get_host(Address(address): &Address) -> CelString<'static> {
    let Some(authority) = address.authority() else { return text(None) };
    let whole = authority.as_str();
    text(whole.rsplit_once('@').map_or(Some(whole), |(_, host)| Some(host)))
}

/// The host without its port; an IPv6 address without its brackets.
fn get_hostname(Address(address): &Address) -> CelString<'static> {
    let host = address.authority().map(|authority| authority.host());
    text(host.map(|host| host.trim_start_matches('[').trim_end_matches(']')))
}

fn get_port(Address(address): &Address) -> CelString<'static> {
    text(address.authority().and_then(|authority| authority.port()).map(fluent_uri::pct_enc::EStr::as_str))
}

fn get_escaped_path(Address(address): &Address) -> CelString<'static> {
    text(Some(address.path().as_str()))
}

/// The parameters: for each name its values, in order.
fn get_query(Address(address): &Address) -> CelMap<'static> {
    let query = address.query().map(fluent_uri::pct_enc::EStr::as_str).unwrap_or_default();
    let mut found: IndexMap<String, Vec<Box<dyn Val>>> = IndexMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        found.entry(name.into_owned()).or_default().push(Box::new(CelString::from(value.into_owned())));
    }
    let entries: std::collections::HashMap<CelMapKey<'static>, Box<dyn Val>> = found
        .into_iter()
        .map(|(name, values)| {
            (CelMapKey::String(CelString::from(name)), Box::new(CelList::from(values)) as Box<dyn Val>)
        })
        .collect();
    CelMap::from(entries)
}

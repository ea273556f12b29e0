//! Addresses and networks: `ip('10.0.0.1')`, `cidr('10.0.0.0/8')`.

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use cel::common::types::{CelBool, CelInt, CelString, Type};
use cel::common::value::{StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

/// An address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ip(IpAddr);

/// A network: an address in it and the length of its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cidr(IpAddr, u8);

static IP: Type = Type::new_unspecified_type("net.IP");
static CIDR: Type = Type::new_unspecified_type("net.CIDR");

impl Val for Ip {
    fn get_type(&self) -> &Type {
        &IP
    }

    fn cel_type() -> &'static Type {
        &IP
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Ip {}

impl Val for Cidr {
    fn get_type(&self) -> &Type {
        &CIDR
    }

    fn cel_type() -> &'static Type {
        &CIDR
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Cidr {}

pub(super) fn declare(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn ip: (CelString<'_>) -> Result<Ip>)?;
    cel::add_overload!(env, fn is_ip: (CelString<'_>) -> CelBool, name = "isIP")?;
    cel::add_overload!(env, fn is_canonical: (CelString<'_>) -> CelBool, name = "ip.isCanonical")?;
    cel::add_member_overload!(env, fn family: (Ip) -> CelInt)?;
    cel::add_member_overload!(env, fn is_unspecified: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_loopback: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_link_local_multicast: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_link_local_unicast: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_global_unicast: (Ip) -> CelBool)?;
    cel::add_overload!(env, fn ip_text: (Ip) -> CelString<'_>, name = "string")?;
    cel::add_overload!(env, fn cidr: (CelString<'_>) -> Result<Cidr>)?;
    cel::add_overload!(env, fn is_cidr: (CelString<'_>) -> CelBool, name = "isCIDR")?;
    cel::add_member_overload!(env, fn contains_ip: (Cidr, Ip) -> CelBool, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_ip_text: (Cidr, CelString<'_>) -> Result<CelBool>, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_cidr: (Cidr, Cidr) -> CelBool, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn contains_cidr_text: (Cidr, CelString<'_>) -> Result<CelBool>, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn cidr_ip: (Cidr) -> Ip, name = "ip")?;
    cel::add_member_overload!(env, fn masked: (Cidr) -> Cidr)?;
    cel::add_member_overload!(env, fn prefix_length: (Cidr) -> CelInt)?;
    cel::add_overload!(env, fn cidr_text: (Cidr) -> CelString<'_>, name = "string")
}

/// As the API server reads an address: no zone, and no IPv4 address written as IPv6.
fn parse_ip(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    match address {
        IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => None,
        address => Some(address),
    }
}

fn parse_cidr(text: &str) -> Option<Cidr> {
    let (address, length) = text.split_once('/')?;
    let address = parse_ip(address)?;
    if length.is_empty()
        || !length.bytes().all(|byte| byte.is_ascii_digit())
        || (length.len() > 1 && length.starts_with('0'))
    {
        return None;
    }
    let length: u8 = length.parse().ok()?;
    (length <= bits(address)).then_some(Cidr(address, length))
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// The first address of a network.
fn first(Cidr(address, length): Cidr) -> IpAddr {
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(four.to_bits() & mask))
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & mask))
        }
    }
}

fn holds(network: Cidr, address: IpAddr) -> bool {
    address.is_ipv4() == network.0.is_ipv4() && first(Cidr(address, network.1)) == first(network)
}

fn ip(text: &CelString<'_>) -> Result<Ip, ExecutionError> {
    parse_ip(text.inner()).map(Ip).ok_or_else(|| ExecutionError::function_error("ip", "its argument is no IP address"))
}

fn is_ip(text: &CelString<'_>) -> CelBool {
    parse_ip(text.inner()).is_some().into()
}

fn is_canonical(text: &CelString<'_>) -> CelBool {
    parse_ip(text.inner()).is_some_and(|address| address.to_string() == text.inner()).into()
}

fn family(Ip(address): &Ip) -> CelInt {
    CelInt::from(if address.is_ipv4() { 4 } else { 6 })
}

fn is_unspecified(Ip(address): &Ip) -> CelBool {
    address.is_unspecified().into()
}

fn is_loopback(Ip(address): &Ip) -> CelBool {
    address.is_loopback().into()
}

fn is_link_local_multicast(Ip(address): &Ip) -> CelBool {
    match address {
        IpAddr::V4(four) => matches!(four.octets(), [224, 0, 0, _]),
        IpAddr::V6(six) => six.segments()[0] & 0xff0f == 0xff02,
    }
    .into()
}

fn is_link_local_unicast(Ip(address): &Ip) -> CelBool {
    link_local(*address).into()
}

fn link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => four.is_link_local(),
        IpAddr::V6(six) => six.is_unicast_link_local(),
    }
}

/// As Go has it: also private addresses are global.
fn is_global_unicast(Ip(address): &Ip) -> CelBool {
    let broadcast = matches!(address, IpAddr::V4(four) if four.is_broadcast());
    (!broadcast
        && !address.is_unspecified()
        && !address.is_loopback()
        && !address.is_multicast()
        && !link_local(*address))
    .into()
}

fn ip_text(Ip(address): &Ip) -> CelString<'static> {
    CelString::from(address.to_string())
}

fn cidr(text: &CelString<'_>) -> Result<Cidr, ExecutionError> {
    parse_cidr(text.inner()).ok_or_else(|| ExecutionError::function_error("cidr", "its argument is no network"))
}

fn is_cidr(text: &CelString<'_>) -> CelBool {
    parse_cidr(text.inner()).is_some().into()
}

fn contains_ip(network: &Cidr, Ip(address): &Ip) -> CelBool {
    holds(*network, *address).into()
}

fn contains_ip_text(network: &Cidr, text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    ip(text).map(|address| contains_ip(network, &address))
}

fn contains_cidr(network: &Cidr, other: &Cidr) -> CelBool {
    (other.1 >= network.1 && holds(*network, other.0)).into()
}

fn contains_cidr_text(network: &Cidr, text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    cidr(text).map(|other| contains_cidr(network, &other))
}

fn cidr_ip(network: &Cidr) -> Ip {
    Ip(network.0)
}

fn masked(network: &Cidr) -> Cidr {
    Cidr(first(*network), network.1)
}

fn prefix_length(network: &Cidr) -> CelInt {
    CelInt::from(i64::from(network.1))
}

fn cidr_text(Cidr(address, length): &Cidr) -> CelString<'static> {
    CelString::from(format!("{address}/{length}"))
}

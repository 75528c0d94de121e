"""SIP domains, and the lists of phones and networks they take, as both dialects write them.

The shapes are Twilio's, the ids and addresses the project's own. A password is never written.
Sources: schemas and examples of Twilio's API specification. SignalWire's Compatibility API has none of this.
"""

from __future__ import annotations

from roomtone.core.endpoint import (
    AccessLink,
    AccessList,
    CredentialLink,
    CredentialList,
    Domain,
    Endpoint,
    IpAddress,
)
from roomtone.core.ids import DomainId
from roomtone.core.values import Document
from roomtone.dialects.dates import rfc2822
from roomtone.dialects.dialect import Dialect, Resource
from roomtone.dialects.paths import VERSION

CREDENTIALS, NETWORKS = "CREDENTIAL_LIST", "IP_ACL"


def domain(one: Domain, dialect: Dialect) -> Resource:
    """Write a domain."""
    show, account = dialect.sids.show, dialect.sids.show(one.project)
    path = (account, "SIP", "Domains", show(one.id))
    kinds = [word for word, links in ((NETWORKS, one.networks), (CREDENTIALS, one.calls)) if links]
    return {
        "account_sid": account,
        "api_version": VERSION,
        "auth_type": ",".join(kinds),
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms or one.created_ms),
        "domain_name": one.name,
        "friendly_name": one.friendly_name or one.name,
        "sid": show(one.id),
        "uri": dialect.paths.item(*path),
        "voice_fallback_method": _method(one.voice_fallback, one.voice_fallback_method),
        "voice_fallback_url": _url(one.voice_fallback),
        "voice_method": _method(one.voice, one.voice_method),
        "voice_status_callback_method": _method(one.status_callback, one.status_callback_method),
        "voice_status_callback_url": _url(one.status_callback),
        "voice_url": _url(one.voice),
        "subresource_uris": {
            "credential_list_mappings": dialect.paths.list(*path, "CredentialListMappings"),
            "ip_access_control_list_mappings": dialect.paths.list(*path, "IpAccessControlListMappings"),
        },
        "sip_registration": one.registration,
        "emergency_calling_enabled": False,
        "secure": False,
        "byoc_trunk_sid": None,
        "emergency_caller_sid": None,
    }


def credential_list(one: CredentialList, dialect: Dialect) -> Resource:
    """Write a list of phones."""
    return _list(one, dialect, "CredentialLists", "credentials", "Credentials")


def access_list(one: AccessList, dialect: Dialect) -> Resource:
    """Write a list of networks."""
    return _list(one, dialect, "IpAccessControlLists", "ip_addresses", "IpAddresses")


def credential(one: Endpoint, dialect: Dialect) -> Resource:
    """Write a phone of a list, without its password."""
    show, account = dialect.sids.show, dialect.sids.show(one.project)
    assert one.list is not None, "a phone of no list is the operator's"
    list_ = show(one.list)
    return {
        "sid": show(one.id),
        "account_sid": account,
        "credential_list_sid": list_,
        "username": one.name,
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms or one.created_ms),
        "uri": dialect.paths.item(account, "SIP", "CredentialLists", list_, "Credentials", show(one.id)),
    }


def ip_address(one: IpAddress, dialect: Dialect) -> Resource:
    """Write a network of a list."""
    show, account = dialect.sids.show, dialect.sids.show(one.project)
    list_ = show(one.list)
    return {
        "sid": show(one.id),
        "account_sid": account,
        "friendly_name": one.name,
        "ip_address": one.address,
        "cidr_prefix_length": one.prefix_length,
        "ip_access_control_list_sid": list_,
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms),
        "uri": dialect.paths.item(account, "SIP", "IpAccessControlLists", list_, "IpAddresses", show(one.id)),
    }


def mapping(
    link: CredentialLink | AccessLink, list_: CredentialList | AccessList, dialect: Dialect
) -> Resource:
    """Write that a domain has taken a list; its sid is the list's."""
    show, created = dialect.sids.show, rfc2822(link.created_ms)
    return {
        "account_sid": show(list_.project),
        "date_created": created,
        "date_updated": created,
        "friendly_name": list_.name,
        "sid": show(list_.id),
    }


def old_mapping(
    link: CredentialLink | AccessLink,
    list_: CredentialList | AccessList,
    dialect: Dialect,
    domain: DomainId,
) -> Resource:
    """Write the same on the older path, with the domain and an address."""
    show = dialect.sids.show
    word = "CredentialListMappings" if isinstance(list_, CredentialList) else "IpAccessControlListMappings"
    path = (show(list_.project), "SIP", "Domains", show(domain), word, show(list_.id))
    return {
        **mapping(link, list_, dialect),
        "domain_sid": show(domain),
        "uri": dialect.paths.item(*path),
    }


def _list(one: CredentialList | AccessList, dialect: Dialect, word: str, name: str, inner: str) -> Resource:
    show, account = dialect.sids.show, dialect.sids.show(one.project)
    path = (account, "SIP", word, show(one.id))
    return {
        "account_sid": account,
        "date_created": rfc2822(one.created_ms),
        "date_updated": rfc2822(one.updated_ms),
        "friendly_name": one.name,
        "sid": show(one.id),
        "subresource_uris": {name: dialect.paths.list(*path, inner)},
        "uri": dialect.paths.item(*path),
    }


def _url(document: Document | None) -> str | None:
    return None if document is None else document.url


def _method(document: Document | None, otherwise: str) -> str:
    return otherwise if document is None else document.method.value

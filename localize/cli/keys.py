"""Command `keys`: the signing key and certificates of deliverables."""

from __future__ import annotations

import click

from .terminal import print_json, printable

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")


@click.group()
def keys() -> None:
    """Keys: what deliverables are signed with, and the certificate others check them by."""


@keys.command()
@click.option("--name", default="", help='Who signs, as others read it: "Studio X" [localize local signer].')
@_JSON
def init(name: str, as_json: bool) -> None:
    """Make this home's signing key and certificates, unless they are there; a dub does so too."""
    from ..consent import Home
    from ..provenance import Signer, fingerprint, key_file

    home = Home.open()
    new = not key_file(home).exists()
    found = fingerprint(Signer.open(home, name).root)
    if as_json:
        print_json({"schema": 1, "made": new, "key": str(key_file(home)), "root_sha256": found})
        return
    click.echo(f"{'made' if new else 'there already'}: {printable(str(key_file(home)))}")
    click.echo(f"root sha256 {found}")
    click.echo("let others check what you sign: localize keys root > root.pem")


@keys.command()
def root() -> None:
    """Print the certificate by which others check what this home signs: 'verify --trust'."""
    from ..consent import Home
    from ..provenance import Signer

    click.echo(Signer.open(Home.open()).root, nl=False)

"""A study in a few lines for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gis.outputs.connectivity.facts import CAUTION, list_links, list_network, list_patches, list_provenance
from gis.outputs.plaintext import text_columns

if TYPE_CHECKING:
    from gis.connectivity.study import Study


def format_study(study: Study) -> str:
    """Return links, sources, network and provenance as lines for a person."""
    return "\n".join(
        [
            "连接 links" + " " * 26 + "  阻力·km     长 km  有效电阻 Ω     去除损失  抽样一致率",
            *(format_link(link) for link in list_links(study)),
            "源地 sources" + " " * 24 + "     面积 ha       dPC     intra      flux  connector",
            *(format_patch(patch) for patch in list_patches(study)),
            *format_facts(study),
        ]
    )


def format_link(link: dict[str, Any]) -> str:
    """Return a link as one line."""
    agreement, ohm = link["agreement_share"], link["resistance_ohm"]
    return (
        f"{pad(link['title']['zh'], 34)}{link['cost_resistance_km']:>12,.1f}{link['length_m'] / 1000:>10,.1f}"
        f"{'—' if ohm is None else format(ohm, '.3f'):>12}{link['dpc_share']:>13.2%}"
        f"{'—' if agreement is None else format(agreement, '.0%'):>12}"
    )


def format_patch(patch: dict[str, Any]) -> str:
    """Return a source as one line."""
    shares = (patch["dpc"], patch["dpc_intra"], patch["dpc_flux"])
    parts = "".join(f"{share:>10.2%}" for share in shares)
    return f"{pad(patch['title']['zh'], 34)}{patch['area_ha']:>14,.0f}{parts}{patch['dpc_connector']:>11.2%}"


def format_facts(study: Study) -> tuple[str, ...]:
    """Return the indices of the network, what they were made from, and how far they go."""
    network, facts = list_network(study), list_provenance(study)
    layers = " ".join(f"{name}:{digest[:8]}" for name, digest in study.ground.layer_hashes)
    return (
        (
            f"网络 network: PC {network['pc']:.6g}  EC {network['ec_ha']:,.0f} ha  IIC {network['iic']:.6g}  "
            f"EC(IIC) {network['ec_iic_ha']:,.0f} ha  (d = {network['distance_resistance_km']:g} 阻力·km, "
            f"p = {network['probability']:g})"
        ),
        (
            f"依据 made from: {facts['program']}, study {facts['study_id'][:16]}, "
            f"table {facts['table_sha256'][:12]}, cell {facts['cell_m']:g} m, "
            f"{facts['neighbours']} neighbours, runs {facts['runs']}, seed {facts['seed']}; {layers}"
        ),
        f"注意 note: {CAUTION.zh} / {CAUTION.en}",
    )


def pad(text: str, columns: int) -> str:
    """Return text filled up with spaces to a width in columns of the terminal."""
    return text + " " * max(1, columns - text_columns(text))

"""The network of sources and links: how connected it is, and what each patch and each link gives to that.

What others use:

- :class:`~gis.corridors.network.Network`: patches (``ids``, ``areas_m2``) and links (``starts``, ``ends``:
  positions among the patches; ``costs``: lengths or least-cost costs, in the unit of the dispersal distance).
- :class:`~gis.corridors.network.Dispersal`: distance, probability there, threshold; ``alpha`` = -ln p / d.
- :func:`measure_network` → :class:`NetworkStudy`: ``pc`` and ``iic`` (each an :class:`IndexStudy`: numerator,
  index, equivalent area, and the shares of it that patches and links hold), ``components``.

Definitions, aᵢ the area of patch i, A the area of the landscape:

- PC = ΣᵢΣⱼ aᵢaⱼp*ᵢⱼ / A², p*ᵢⱼ the largest product of link probabilities e^(-αc) over all paths from i to
  j, p*ᵢᵢ = 1 (Saura and Pascual-Hortal 2007, Landscape and Urban Planning 83: 91-103).
- IIC = ΣᵢΣⱼ aᵢaⱼ/(1 + nlᵢⱼ) / A², nl the least number of links between i and j, nothing where no path leads;
  links up to the threshold count (Pascual-Hortal and Saura 2006, Landscape Ecology 21: 959-967).
- EC = √numerator: the area of one single patch that would be worth the same (Saura, Estreguil, Mouton and
  Rodríguez-Freire 2011, Ecological Indicators 11: 407-416).
- dX of a patch or a link = what the index loses without it, as a share of the index. For a patch the sum of
  intra = aₖ²/N, flux = 2aₖ·Σⱼ≠ₖ aⱼp*ₖⱼ/N and connector = what all others lose between each other, N the
  numerator; a link has no area, so all it gives is connector (Saura and Rubio 2010, Ecography 33: 523-537).
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from gis.corridors.network import require_dispersal, require_landscape, require_network

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.corridors.grid import Report
    from gis.corridors.network import Dispersal, Network

BATCHES = 32
"""Sources are worked through in so many batches; their sums are added in order, whatever the processors."""


@dataclass(frozen=True, slots=True, eq=False)
class IndexStudy:
    """One index of connectivity, and who holds which share of it.

    Parameters
    ----------
    numerator : float
        ΣᵢΣⱼ aᵢaⱼ·worth(i, j), m⁴.
    index : float or None
        Numerator / A²; None where no landscape area was given.
    equivalent_area_m2 : float
        EC = √numerator.
    intra, flux, connector : float array, (patches,)
        Shares (0-1) of the numerator; their sum is what the index loses without the patch.
    links : float array, (links,)
        Share of the numerator that is lost without the link.
    """

    numerator: float
    index: float | None
    equivalent_area_m2: float
    intra: NDArray[np.float64]
    flux: NDArray[np.float64]
    connector: NDArray[np.float64]
    links: NDArray[np.float64]

    @property
    def patches(self) -> NDArray[np.float64]:
        """Share of the numerator that is lost without each patch: dPC or dIIC, 0-1."""
        return self.intra + self.flux + self.connector


@dataclass(frozen=True, slots=True, eq=False)
class NetworkStudy:
    """How connected a network is.

    Parameters
    ----------
    network : Network
    dispersal : Dispersal
    landscape_area_m2 : float or None
    pc, iic : IndexStudy
        Probability of connectivity, and integral index of connectivity.
    components : int array, (patches,)
        Number, from 1, of the connected part each patch lies in, by the links of PC; the largest part
        first.
    """

    network: Network
    dispersal: Dispersal
    landscape_area_m2: float | None
    pc: IndexStudy
    iic: IndexStudy
    components: NDArray[np.intp]


def measure_network(
    network: Network,
    dispersal: Dispersal,
    *,
    landscape_area_m2: float | None = None,
    report: Report | None = None,
) -> NetworkStudy:
    """Return the indices of a network and what each patch and link gives to them.

    Parameters
    ----------
    landscape_area_m2 : float, optional
        A of PC and IIC, at least the sum of the patches' areas.
    report : callable, optional
        Told the share of the work that is done.

    Raises
    ------
    CorridorError
        If patches, links, the dispersal or the landscape area make no sense.
    """
    require_network(network)
    require_dispersal(dispersal)
    require_landscape(network, landscape_area_m2)
    limit = math.inf if dispersal.threshold_m is None else dispersal.threshold_m
    near = network.costs <= limit
    binary_limit = dispersal.distance_m if dispersal.threshold_m is None else dispersal.threshold_m
    first, second = _halves(report)
    decay, steps = dispersal.alpha * network.costs, np.ones(len(network.costs))
    few = network.costs <= binary_limit
    area = landscape_area_m2
    pc = _measure_index(network, near, decay, area_m2=area, binary=False, report=first)
    iic = _measure_index(network, few, steps, area_m2=area, binary=True, report=second)
    return NetworkStudy(
        network, dispersal, landscape_area_m2, pc=pc, iic=iic, components=find_components(network, near)
    )


def rank_shares(shares: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the rank of each share, 1 for the largest; equal shares have the same rank."""
    ordered = np.sort(shares)
    return np.asarray(len(shares) - np.searchsorted(ordered, shares, side="right") + 1, dtype=np.intp)


def find_components(network: Network, use: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the number, from 1, of each patch's connected part; the part with the largest area first."""
    count = len(network.ids)
    pairs = (network.starts[use], network.ends[use])
    links = sparse.coo_array((np.ones(int(use.sum())), pairs), shape=(count, count))
    parts, labels = csgraph.connected_components(links, directed=False)
    sums = np.bincount(labels, weights=network.areas_m2, minlength=parts)
    number = np.empty(parts, dtype=np.intp)
    number[np.argsort(-sums, kind="stable")] = np.arange(1, parts + 1)
    return np.asarray(number[labels], dtype=np.intp)


def _measure_index(
    network: Network,
    use: NDArray[np.bool_],
    lengths: NDArray[np.float64],
    *,
    area_m2: float | None,
    binary: bool,
    report: Report,
) -> IndexStudy:
    """Return one index over the links in `use`."""
    areas = network.areas_m2
    sums, patch_lost, used_lost = _remove_in_batches(
        network, (network.starts[use], network.ends[use], lengths[use]), binary=binary, report=report
    )
    numerator = float(sums.sum())
    link_lost = np.zeros(len(network.costs))
    link_lost[use] = used_lost
    return IndexStudy(
        numerator=numerator,
        index=None if area_m2 is None else numerator / area_m2**2,
        equivalent_area_m2=math.sqrt(numerator),
        intra=areas**2 / numerator,
        flux=2 * np.maximum(sums - areas**2, 0.0) / numerator,
        connector=patch_lost / numerator,
        links=link_lost / numerator,
    )


def _remove_in_batches(
    network: Network,
    links: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]],
    *,
    binary: bool,
    report: Report,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return, by patch, its own sum and what others lose without it; by link, what is lost without it."""
    from gis.corridors.removal import list_neighbours, remove_each

    count = len(network.ids)
    graph = list_neighbours(count, *links)
    sums, patch_lost, link_lost = np.zeros(count), np.zeros(count), np.zeros(len(links[0]))

    def remove(sources: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        patches, ways = np.zeros(count), np.zeros(len(links[0]))
        remove_each(graph, network.areas_m2, sources, binary, sums, patches, ways)
        return patches, ways

    batches = [part for part in np.array_split(np.arange(count), BATCHES) if len(part)]
    workers = min(os.cpu_count() or 1, 4)
    with ThreadPoolExecutor(workers) as pool:
        for start in range(0, len(batches), workers):
            for patches, ways in pool.map(remove, batches[start : start + workers]):
                patch_lost += patches
                link_lost += ways
            report(min(1.0, (start + workers) / len(batches)))
    return sums, patch_lost, link_lost


def _halves(
    report: Report | None,
) -> tuple[Report, Report]:
    """Return what reports the first and the second half of a work."""
    tell = report or (lambda _: None)
    return (lambda share: tell(share / 2)), (lambda share: tell(0.5 + share / 2))

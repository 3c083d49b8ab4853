"""Sheet numbers: the standard's worked examples, and what must hold for every sheet."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import SheetError
from gis.sheets.numbering import (
    EIGHTHS,
    NEIGHBOURS,
    SCALES,
    frame_at,
    frames_over,
    number_at,
    parse_number,
    step_number,
)

DENOMINATORS = [scale.denominator for scale in SCALES]
OPPOSITE = {
    "north": "south",
    "northeast": "southwest",
    "east": "west",
    "southeast": "northwest",
    "south": "north",
    "southwest": "northeast",
    "west": "east",
    "northwest": "southeast",
}

WORKED = [  # the point 120.15, 30.28 at every scale: number and frame in degrees, minutes, seconds
    (1_000_000, "H51", (120, 0, 0), (28, 0, 0), (126, 0, 0), (32, 0, 0)),
    (500_000, "H51B001001", (120, 0, 0), (30, 0, 0), (123, 0, 0), (32, 0, 0)),
    (250_000, "H51C002001", (120, 0, 0), (30, 0, 0), (121, 30, 0), (31, 0, 0)),
    (100_000, "H51D006001", (120, 0, 0), (30, 0, 0), (120, 30, 0), (30, 20, 0)),
    (50_000, "H51E011001", (120, 0, 0), (30, 10, 0), (120, 15, 0), (30, 20, 0)),
    (25_000, "H51F021002", (120, 7, "30"), (30, 15, 0), (120, 15, 0), (30, 20, 0)),
    (10_000, "H51G042003", (120, 7, "30"), (30, 15, 0), (120, 11, "15"), (30, 17, "30")),
    (5_000, "H51H083005", (120, 7, "30"), (30, 16, "15"), (120, 9, "22.5"), (30, 17, "30")),
    (2_000, "H51I248015", (120, 8, "45"), (30, 16, "40"), (120, 9, "22.5"), (30, 17, "5")),
    (1_000, "H51J04960029", (120, 8, "45"), (30, 16, "40"), (120, 9, "3.75"), (30, 16, "52.5")),
    (500, "H51K09910058", (120, 8, "54.375"), (30, 16, "46.25"), (120, 9, "3.75"), (30, 16, "52.5")),
]

POINTS = [
    (119.4333, 30.3583, 50_000, "H50E010022"),  # 天目山
    (119.4333, 30.3583, 10_000, "H50G040087"),
    (119.68023, 29.8, 50_000, "H50E014023"),  # 桐庐
    (119.68023, 29.8, 10_000, "H50G053091"),
    (120.434, 30.2295, 50_000, "H51E011002"),  # 萧山机场
    (120.434, 30.2295, 10_000, "H51G043007"),
    (121.54945, 29.87819, 50_000, "H51E013007"),  # 宁波
    (121.54945, 29.87819, 10_000, "H51G051025"),
    (122.20488, 29.98869, 50_000, "H51E013009"),  # 舟山
    (122.20488, 29.98869, 10_000, "H51G049036"),
    (119.64421, 29.10678, 50_000, "H50E018023"),  # 金华
    (119.64421, 29.10678, 10_000, "H50G070091"),
    (119.95, 30.05, 50_000, "H50E012024"),
]

STANDARD = [  # 114°33′45″E 39°22′30″N, the example point of the standard
    (500_000, "J50B001001"),
    (250_000, "J50C001001"),
    (100_000, "J50D002002"),
    (50_000, "J50E004003"),
    (25_000, "J50F008005"),
    (10_000, "J50G015010"),
    (5_000, "J50H030019"),
]

IMPOSSIBLE = [
    "",
    "H",
    "H5",
    "H00",
    "H61",
    "P50",
    "W50",
    "H51E",
    "H51E000001",
    "H51E001000",
    "H51E025001",
    "H51E001025",
    "H51E11001",
    "H51E0110010",
    "H51A001001",
    "H51L001001",
    "H51J496029",
    "H51J11530001",
    "H51K23050001",
    "H51G0420003",
    "H51001001",
    "H-51-E011001",
    "H51E０11001",
    "H51E011001X",
    "51HE011001",
]

scales = st.sampled_from(DENOMINATORS)
longitudes = st.fractions(-180, 180).filter(lambda x: x < 180)
latitudes = st.fractions(0, 60).filter(lambda y: y < 60)


Seconds = tuple[int, int, int | str]


def dms(parts: Seconds) -> Fraction:
    degrees, minutes, seconds = parts
    return Fraction(degrees) + Fraction(minutes, 60) + Fraction(str(seconds)) / 3600


@pytest.mark.parametrize(("scale", "number", "west", "south", "east", "north"), WORKED)
def test_worked_example_gives_number_and_frame(
    scale: int, number: str, west: Seconds, south: Seconds, east: Seconds, north: Seconds
) -> None:
    assert number_at(120.15, 30.28, scale) == number
    frame = parse_number(number)
    assert (frame.west, frame.south, frame.east, frame.north) == tuple(
        dms(part) for part in (west, south, east, north)
    )
    assert frame.scale == scale


@pytest.mark.parametrize(("lon", "lat", "scale", "number"), POINTS)
def test_places_of_the_region_fall_in_their_sheets(lon: float, lat: float, scale: int, number: str) -> None:
    assert number_at(lon, lat, scale) == number


@pytest.mark.parametrize(("scale", "number"), STANDARD)
def test_the_standards_own_point(scale: int, number: str) -> None:
    assert number_at(dms((114, 33, 45)), dms((39, 22, 30)), scale) == number


@pytest.mark.parametrize(
    ("scale", "height", "width", "parts"),
    [
        (500_000, "7200", "10800", 2),
        (250_000, "3600", "5400", 4),
        (100_000, "1200", "1800", 12),
        (50_000, "600", "900", 24),
        (25_000, "300", "450", 48),
        (10_000, "150", "225", 96),
        (5_000, "75", "112.5", 192),
        (2_000, "25", "37.5", 576),
        (1_000, "12.5", "18.75", 1152),
        (500, "6.25", "9.375", 2304),
    ],
)
def test_spans_of_the_standard_in_seconds(scale: int, height: str, width: str, parts: int) -> None:
    spec = next(s for s in SCALES if s.denominator == scale)
    assert (Fraction(spec.height, 8), Fraction(spec.width, 8)) == (Fraction(height), Fraction(width))
    assert spec.parts == parts


@pytest.mark.parametrize("number", IMPOSSIBLE)
def test_impossible_numbers_are_refused_in_both_languages(number: str) -> None:
    with pytest.raises(SheetError) as caught:
        parse_number(number)
    assert "图幅编号" in caught.value.zh
    assert "there is no sheet" in caught.value.en
    assert "H51E011001" in caught.value.hint_en


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(181, 30), (-181, 30), (120, 60), (120, -0.0001), ("nan", 30), (float("inf"), 30), ("1e400000000", 30)],
)
def test_points_outside_what_is_numbered_are_refused(lon: float, lat: float) -> None:
    with pytest.raises(SheetError):
        number_at(lon, lat, 50_000)


def test_a_scale_outside_the_series_is_refused() -> None:
    with pytest.raises(SheetError, match="200000"):
        number_at(120, 30, 200_000)


def test_a_point_on_a_line_belongs_to_the_sheet_north_and_east() -> None:
    assert number_at(120, 30, 50_000) == "H51E012001"
    assert number_at("119.999999999999999999999", 30, 50_000) == "H50E012024"
    assert number_at(120, Decimal("29.999999999999999999999"), 50_000) == "H51E013001"


def test_neighbours_across_120_degrees_east() -> None:
    assert parse_number("H51E011001").neighbours == {
        "north": "H51E010001",
        "northeast": "H51E010002",
        "east": "H51E011002",
        "southeast": "H51E012002",
        "south": "H51E012001",
        "southwest": "H50E012024",
        "west": "H50E011024",
        "northwest": "H50E010024",
    }


def test_neighbours_across_million_sheets_in_both_directions() -> None:
    corner = parse_number("H51K00010001")
    assert corner.neighbours["northwest"] == "I50K23042304"
    assert corner.neighbours["north"] == "I51K23040001"
    assert parse_number("H51").neighbours["south"] == "G51"


def test_there_is_nothing_south_of_the_equator_or_north_of_60() -> None:
    assert parse_number("A51").neighbours["south"] is None
    assert parse_number("O51E001001").neighbours["north"] is None


def test_zone_60_adjoins_zone_1() -> None:
    assert parse_number("H60").neighbours["east"] == "H01"


@pytest.mark.parametrize(
    ("number", "meridian", "epsg"),
    [
        ("H50E011024", 120, 4549),
        ("H51E011001", 120, 4549),
        ("H51E013009", 123, 4550),
        ("H50E010001", 114, 4547),
        ("H50E010007", 117, 4548),
        ("H51", 123, 4550),
        ("H50", 117, 4548),
        ("H13", -105, None),
    ],
)
def test_zone_is_that_of_the_centre(number: str, meridian: int, epsg: int | None) -> None:
    frame = parse_number(number)
    assert (frame.central_meridian, frame.epsg) == (meridian, epsg)


def test_json_record_has_the_agreed_shape() -> None:
    record = parse_number("h51e011001").as_dict()
    assert record["number"] == "H51E011001"
    assert record["bbox"] == [120.0, pytest.approx(30 + 1 / 6, abs=1e-12), 120.25, pytest.approx(30 + 1 / 3)]
    assert (record["scale"], record["zone_cm"], record["epsg"]) == (50_000, 120, 4549)
    assert set(record["neighbours"]) == set(NEIGHBOURS)


def test_an_area_on_both_sides_of_120_degrees_takes_both_million_sheets() -> None:
    frames = [frame.number for frame in frames_over((119.9, 30.1, 120.1, 30.2), 50_000)]
    assert frames == ["H50E011024", "H51E011001", "H50E012024", "H51E012001"]


def test_an_area_that_ends_on_a_sheet_line_does_not_take_the_next_sheet() -> None:
    box = parse_number("H51E011001").bbox
    assert [f.number for f in frames_over((120.0, "30.17", 120.25, 30.3), 50_000)] == ["H51E011001"]
    assert len(list(frames_over(box, 50_000))) <= 2


@pytest.mark.parametrize("bbox", [(120, 30, 119, 31), (120, 30, 120, 31), (0, 0, 179, 59)])
def test_useless_areas_are_refused(bbox: tuple[float, float, float, float]) -> None:
    with pytest.raises(SheetError):
        list(frames_over(bbox, 500))


@given(lon=longitudes, lat=latitudes, scale=scales)
def test_the_frame_of_the_number_at_a_point_holds_the_point(lon: Fraction, lat: Fraction, scale: int) -> None:
    frame = parse_number(number_at(lon, lat, scale))
    assert frame.west <= lon < frame.east
    assert frame.south <= lat < frame.north


@given(lon=longitudes, lat=latitudes, scale=scales)
def test_every_corner_and_the_centre_lead_back_to_the_number(
    lon: Fraction, lat: Fraction, scale: int
) -> None:
    frame = frame_at(lon, lat, scale)
    assert number_at(frame.west, frame.south, scale) == frame.number
    assert number_at(*frame.centre, scale) == frame.number
    inside = Fraction(1, EIGHTHS * 1000)
    assert number_at(frame.east - inside, frame.north - inside, scale) == frame.number


@given(lon=longitudes, lat=latitudes, scale=scales)
def test_being_a_neighbour_is_mutual_and_frames_share_their_edges(
    lon: Fraction, lat: Fraction, scale: int
) -> None:
    frame = frame_at(lon, lat, scale)
    for direction, number in frame.neighbours.items():
        if number is None:
            continue
        other = parse_number(number)
        assert other.neighbours[OPPOSITE[direction]] == frame.number
        north, east = NEIGHBOURS[direction]
        assert other.south - frame.south == north * (frame.north - frame.south)
        assert (other.west - frame.west - east * (frame.east - frame.west)) % 360 == 0


@given(lon=longitudes, lat=latitudes, larger=scales, smaller=scales)
def test_sheets_nest_in_the_sheets_of_smaller_scales(
    lon: Fraction, lat: Fraction, larger: int, smaller: int
) -> None:
    outer, inner = frame_at(lon, lat, max(larger, smaller)), frame_at(lon, lat, min(larger, smaller))
    assert outer.west <= inner.west
    assert inner.east <= outer.east
    assert outer.south <= inner.south
    assert inner.north <= outer.north


@given(north=st.integers(-30, 30), east=st.integers(-2000, 2000), scale=scales)
def test_stepping_there_and_back_returns(north: int, east: int, scale: int) -> None:
    start = frame_at(120, 30, scale)
    there = step_number(start, north, east)
    if there is not None:
        assert step_number(parse_number(there), -north, -east) == start.number


@given(lon=st.floats(117, 124), lat=st.floats(27, 33), scale=st.sampled_from([1_000_000, 250_000, 50_000]))
def test_frames_over_an_area_tile_it_without_gap_or_overlap(lon: float, lat: float, scale: int) -> None:
    frames = list(frames_over((lon, lat, lon + 0.7, lat + 0.4), scale))
    assert len({frame.number for frame in frames}) == len(frames)
    area = sum((f.east - f.west) * (f.north - f.south) for f in frames)
    width = max(f.east for f in frames) - min(f.west for f in frames)
    height = max(f.north for f in frames) - min(f.south for f in frames)
    assert area == width * height
    assert min(f.west for f in frames) <= lon
    assert max(f.north for f in frames) >= lat + 0.4


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("120°09′00″", "30°16′48″"),
        ("120°9'0\"E", "30°16'48''N"),
        ("１２０．１５", "３０．２８"),
        ("120°09′", "30°16′48.0″"),
    ],
)
def test_degrees_may_be_written_as_minutes_and_seconds(lon: str, lat: str) -> None:
    assert number_at(lon, lat, 500) == "H51K09910058"


@pytest.mark.parametrize("text", ["120°61′00″", "120°09′60″", "120°-1′", "120′", "120°09′00″S", "1e2", ""])
def test_what_is_no_angle_is_refused(text: str) -> None:
    with pytest.raises(SheetError):
        number_at(text, "30", 50_000)


def test_a_number_typed_full_width_is_the_same_sheet() -> None:
    assert parse_number("Ｈ５１ｅ０１１００１").number == "H51E011001"


def test_a_box_may_end_on_the_last_meridian_and_the_last_parallel() -> None:
    assert [f.number for f in frames_over((178.6, 59.1, 180, 60), 250_000)] == ["O60C001004"]
    assert [f.number for f in frames_over((-180, 0, -178.5, 1), 250_000)] == ["A01C004001"]


@pytest.mark.parametrize("bbox", [(179, 30, 181, 31), (-181, 30, 0, 31), (0, -1, 1, 1), (0, 59, 1, 61)])
def test_a_box_beyond_what_is_numbered_is_refused(bbox: tuple[float, float, float, float]) -> None:
    with pytest.raises(SheetError):
        list(frames_over(bbox, 1_000_000))

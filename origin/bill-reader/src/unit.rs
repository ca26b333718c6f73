//! Units of what utilities deliver.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::normalize::{find_words, normalize};

/// Longest text of a unit that is not known here, in characters.
const OTHER_CHARS_MAX: usize = 24;

/// A unit of energy, volume or mass. Its JSON form is its symbol.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `kWh`: a kilowatt hour, which is 3.6 megajoules.
    KilowattHour,
    /// `MWh`: a megawatt hour, which is 1,000 kilowatt hours.
    MegawattHour,
    /// `GJ`: a gigajoule, which is 1,000 megajoules.
    Gigajoule,
    /// `MJ`: a megajoule, which is a million joules.
    Megajoule,
    /// `MMBtu`: a million British thermal units.
    MillionBtu,
    /// `therms`: 100,000 British thermal units.
    Therm,
    /// `Dth`: ten therms.
    Dekatherm,
    /// `m3`: a cubic metre of gas or water.
    CubicMetre,
    /// `Smc`: a cubic metre of gas at standard conditions.
    StandardCubicMetre,
    /// `cf`: a cubic foot of gas or water.
    CubicFoot,
    /// `CCF`: a hundred cubic feet.
    HundredCubicFeet,
    /// `HCF`: a hundred cubic feet too, as water utilities write it.
    HundredCubicFeetOfWater,
    /// `MCF`: a thousand cubic feet.
    ThousandCubicFeet,
    /// `gal`: a gallon, of whichever country the bill is from.
    Gallon,
    /// `kgal`: a thousand gallons.
    ThousandGallons,
    /// `l`: a litre of water.
    Litre,
    /// `lb`: a pound of steam.
    Pound,
    /// `klb`: a thousand pounds.
    ThousandPounds,
    /// `Mlb`: a thousand pounds too, as steam utilities write it.
    ThousandPoundsOfSteam,
    /// `ton-h`: a ton of refrigeration for an hour.
    TonHour,
    /// Any other unit, as printed; 24 characters at most.
    Other(String),
}

/// Every known unit with its symbol and its other spellings, normalized. The first spelling that fits counts, so a
/// longer one stands before the shorter one that it contains.
#[rustfmt::skip]
static KNOWN: &[(&str, Unit, &str)] = &[
    ("kwh", Unit::KilowattHour, "kWh"), ("kilowatt hours", Unit::KilowattHour, "kWh"), ("kilowatt-hours", Unit::KilowattHour, "kWh"),
    ("mwh", Unit::MegawattHour, "MWh"),
    ("therms", Unit::Therm, "therms"), ("therm", Unit::Therm, "therms"), ("thm", Unit::Therm, "therms"),
    ("ccf", Unit::HundredCubicFeet, "CCF"), ("hcf", Unit::HundredCubicFeetOfWater, "HCF"), ("mcf", Unit::ThousandCubicFeet, "MCF"),
    ("cubic metres", Unit::CubicMetre, "m3"), ("cubic meters", Unit::CubicMetre, "m3"), ("kubikmeter", Unit::CubicMetre, "m3"), ("m3", Unit::CubicMetre, "m3"),
    ("cbm", Unit::CubicMetre, "m3"), ("smc", Unit::StandardCubicMetre, "Smc"), ("mc", Unit::CubicMetre, "m3"),
    ("kgal", Unit::ThousandGallons, "kgal"), ("tgal", Unit::ThousandGallons, "kgal"), ("thousand gallons", Unit::ThousandGallons, "kgal"),
    ("1000 gallons", Unit::ThousandGallons, "kgal"),
    ("gallons", Unit::Gallon, "gal"), ("gallon", Unit::Gallon, "gal"), ("gals", Unit::Gallon, "gal"), ("gal", Unit::Gallon, "gal"),
    ("cubic feet", Unit::CubicFoot, "cf"), ("cu ft", Unit::CubicFoot, "cf"), ("cu. ft", Unit::CubicFoot, "cf"), ("cf", Unit::CubicFoot, "cf"),
    ("gj", Unit::Gigajoule, "GJ"), ("mj", Unit::Megajoule, "MJ"), ("mmbtu", Unit::MillionBtu, "MMBtu"), ("dth", Unit::Dekatherm, "Dth"),
    ("mlbs", Unit::ThousandPoundsOfSteam, "Mlb"), ("mlb", Unit::ThousandPoundsOfSteam, "Mlb"),
    ("klbs", Unit::ThousandPounds, "klb"), ("klb", Unit::ThousandPounds, "klb"), ("lbs", Unit::Pound, "lb"), ("lb", Unit::Pound, "lb"),
    ("litres", Unit::Litre, "l"), ("liters", Unit::Litre, "l"), ("litros", Unit::Litre, "l"), ("liter", Unit::Litre, "l"),
    ("ton-hours", Unit::TonHour, "ton-h"), ("ton hours", Unit::TonHour, "ton-h"), ("ton-h", Unit::TonHour, "ton-h"),
];

impl Unit {
    /// The unit of a whole text, however it is spelled; [`Unit::Other`] when it is not known.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let normalized = normalize(text);
        KNOWN
            .iter()
            .find(|(spelling, ..)| *spelling == normalized)
            .map(|(_, unit, _)| unit.clone())
            .or_else(|| (normalized == "l").then_some(Self::Litre))
            .unwrap_or_else(|| Self::Other(text.trim().chars().take(OTHER_CHARS_MAX).collect()))
    }

    /// The known unit that a normalized text begins with.
    #[must_use]
    pub fn at_start(normalized: &str) -> Option<Self> {
        let text = normalized.trim_start_matches([' ', '\u{a0}', '(']);
        KNOWN
            .iter()
            .find(|(spelling, ..)| {
                text.strip_prefix(spelling)
                    .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
            })
            .map(|(_, unit, _)| unit.clone())
    }

    /// A known unit anywhere in a normalized text.
    #[must_use]
    pub fn within(normalized: &str) -> Option<Self> {
        KNOWN
            .iter()
            .find(|(spelling, ..)| find_words(normalized, spelling).is_some())
            .map(|(_, unit, _)| unit.clone())
    }

    /// The symbol of the unit, such as `kWh`.
    #[must_use]
    pub fn symbol(&self) -> &str {
        match self {
            Self::Other(text) => text,
            known => KNOWN
                .iter()
                .find(|(_, unit, _)| unit == known)
                .map_or("", |(.., symbol)| symbol),
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.symbol())
    }
}

impl<'de> Deserialize<'de> for Unit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_names_its_own_unit() {
        for (_, unit, symbol) in KNOWN {
            assert_eq!(unit.symbol(), *symbol);
            assert_eq!(&Unit::of(symbol), unit);
        }
    }

    #[test]
    fn other_spellings_are_the_same_unit() {
        assert_eq!(Unit::of("KWH"), Unit::KilowattHour);
        assert_eq!(Unit::of("m³"), Unit::CubicMetre);
        assert_eq!(Unit::of(" Therm"), Unit::Therm);
        assert_eq!(Unit::of("Tage"), Unit::Other("Tage".into()));
        assert_eq!(Unit::of(&"x".repeat(99)).symbol().len(), OTHER_CHARS_MAX);
    }

    #[test]
    fn a_unit_is_found_at_the_start_and_within_a_text() {
        assert_eq!(Unit::at_start(" (kwh) used"), Some(Unit::KilowattHour));
        assert_eq!(Unit::at_start("kwhs"), None);
        assert_eq!(Unit::within("usage (kgal)"), Some(Unit::ThousandGallons));
        assert_eq!(Unit::within("usage"), None);
    }
}

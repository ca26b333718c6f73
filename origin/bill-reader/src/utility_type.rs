//! Tells the kind of utility by a bill's words and units.

use shared::status::UtilityType;

use super::{bill::Usage, layout::Layout, normalize::find_words, unit::Unit};

#[rustfmt::skip]
const WORDS: &[(UtilityType, &[&str])] = &[
    (
        UtilityType::Electricity,
        &["electricity", "electric", "strom", "stromrechnung", "electricite", "electricidad", "energia electrica", "elettricita", "energia elettrica", "luce", "elektriciteit", "stroom", "eletricidade", "elektricitet", "energia elektryczna", "kilowatt"],
    ),
    (UtilityType::Gas, &["gas", "natural gas", "erdgas", "gasrechnung", "gaz", "gaz naturel", "gas natural", "gas naturale", "aardgas", "gaz ziemny", "therms", "therm"]),
    (UtilityType::Water, &["water", "drinking water", "wasser", "trinkwasser", "eau", "eau potable", "agua", "acqua", "drinkwater", "vatten", "woda"]),
    (UtilityType::Sewer, &["sewer", "sewage", "wastewater", "waste water", "abwasser", "schmutzwasser", "assainissement", "alcantarillado", "fognatura", "riool"]),
    (UtilityType::Waste, &["trash", "garbage", "refuse", "solid waste", "recycling", "waste collection", "mullabfuhr", "abfall", "ordures", "basura", "rifiuti"]),
    (UtilityType::Fuel, &["heating oil", "propane", "heizol", "fioul", "fuel oil"]),
    (UtilityType::Steam, &["steam", "dampf", "vapeur"]),
    (UtilityType::ChilledWater, &["chilled water", "district cooling", "fernkalte", "kaltwasser"]),
    (UtilityType::HotWater, &["district heating", "fernwarme", "hot water", "heat network", "chauffage urbain", "teleriscaldamento", "fjarrvarme", "fjernvarme", "stadsverwarming"]),
];

/// What is spoken of less than a quarter as loud as what is spoken of most is named in passing.
const IN_PASSING: f32 = 0.25;

/// The utility types that words and units mean, the likeliest first: all that the bill may be for, beside others.
#[must_use]
pub fn possible_types(layout: &Layout, usage: &[Usage]) -> Vec<UtilityType> {
    let mut votes: Vec<(UtilityType, f32)> = WORDS
        .iter()
        .map(|(kind, words)| {
            let votes = layout
                .lines
                .iter()
                .flat_map(|line| &line.cells)
                .map(|cell| {
                    let longest = words
                        .iter()
                        .filter_map(|word| find_words(&cell.text.normalized, word))
                        .map(|(start, end)| end - start)
                        .max();
                    // Big letters are titles; a long phrase is surer than a word that others contain ("hot water").
                    longest.map_or(0.0, |length| {
                        cell.size.clamp(6.0, 24.0) / 10.0 * if length > 9 { 1.5 } else { 1.0 }
                    })
                });
            (*kind, votes.sum::<f32>())
        })
        .collect();
    let has =
        |units: fn(&Unit) -> bool| usage.iter().filter_map(|row| row.units.as_ref()).any(units);
    let (has_energy, has_volume) = (has(is_energy), has(is_volume));
    for row in usage {
        let strong = match row.units {
            Some(
                Unit::Therm
                | Unit::ThousandCubicFeet
                | Unit::Dekatherm
                | Unit::MillionBtu
                | Unit::StandardCubicMetre,
            ) => Some(UtilityType::Gas),
            Some(Unit::Gallon | Unit::ThousandGallons | Unit::HundredCubicFeetOfWater) => {
                Some(UtilityType::Water)
            }
            Some(Unit::ThousandPoundsOfSteam | Unit::ThousandPounds | Unit::Pound) => {
                Some(UtilityType::Steam)
            }
            Some(Unit::TonHour) => Some(UtilityType::ChilledWater),
            _ => None,
        };
        for (kind, score) in &mut votes {
            match &row.units {
                _ if strong == Some(*kind) => *score += 4.0,
                Some(Unit::KilowattHour | Unit::MegawattHour)
                    if *kind == UtilityType::Electricity =>
                {
                    *score += 1.0
                }
                // Nobody meters water in kWh, or electricity in cubic metres.
                Some(unit)
                    if is_energy(unit)
                        && !has_volume
                        && matches!(kind, UtilityType::Water | UtilityType::Sewer) =>
                {
                    *score *= 0.2
                }
                Some(unit)
                    if is_volume(unit) && !has_energy && *kind == UtilityType::Electricity =>
                {
                    *score *= 0.2
                }
                _ => {}
            }
        }
    }
    let most = votes.iter().map(|(_, score)| *score).fold(0.0, f32::max);
    votes.retain(|(_, score)| *score > 0.0 && *score >= IN_PASSING * most);
    // Of equals the last of the table wins.
    votes.reverse();
    votes.sort_by(|a, b| b.1.total_cmp(&a.1));
    votes.into_iter().map(|(kind, _)| kind).collect()
}

fn is_energy(unit: &Unit) -> bool {
    matches!(unit, Unit::KilowattHour | Unit::MegawattHour)
}

fn is_volume(unit: &Unit) -> bool {
    matches!(
        unit,
        Unit::HundredCubicFeet | Unit::CubicMetre | Unit::CubicFoot | Unit::Litre
    )
}

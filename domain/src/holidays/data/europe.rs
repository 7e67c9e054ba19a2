//! Austria, France, Netherlands.

use crate::holidays::rule::{
    Country,
    To::SaturdayBeforeSunday,
    When::{Dates, Easter, On},
    day,
};

/// Nothing is moved.
pub(super) const AUSTRIA: Country = Country {
    code: "AT",
    name: "Austria",
    regions: &[],
    alone: "",
    source: "Arbeitsruhegesetz, § 7",
    checked: "2026-11-24",
    rules: &[
        day("Neujahr", On(1, 1)),
        day("Heilige Drei Könige", On(1, 6)),
        day("Ostermontag", Easter(1)),
        day("Staatsfeiertag", On(5, 1)),
        day("Christi Himmelfahrt", Easter(39)),
        day("Pfingstmontag", Easter(50)),
        day("Fronleichnam", Easter(60)),
        day("Mariä Himmelfahrt", On(8, 15)),
        day("Nationalfeiertag", On(10, 26)),
        day("Allerheiligen", On(11, 1)),
        day("Mariä Empfängnis", On(12, 8)),
        day("Christtag", On(12, 25)),
        day("Stefanitag", On(12, 26)),
    ],
};

/// Nothing is moved. The three departments of Alsace and Moselle have two days more.
pub(super) const FRANCE: Country = Country {
    code: "FR",
    name: "France",
    regions: &[("57", "Moselle"), ("67", "Bas-Rhin"), ("68", "Haut-Rhin")],
    alone: "in all of metropolitan France",
    source: "Code du travail, articles L3133-1 and L3134-13",
    checked: "2026-11-24",
    rules: &[
        day("Jour de l'an", On(1, 1)),
        day("Vendredi saint", Easter(-2)).only("57 67 68"),
        day("Lundi de Pâques", Easter(1)),
        day("Fête du Travail", On(5, 1)),
        day("Fête de la Victoire", On(5, 8)),
        day("Ascension", Easter(39)),
        day("Lundi de Pentecôte", Easter(50)),
        day("Fête nationale", On(7, 14)),
        day("Assomption", On(8, 15)),
        day("Toussaint", On(11, 1)),
        day("Armistice", On(11, 11)),
        day("Noël", On(12, 25)),
        day("Saint-Étienne", On(12, 26)).only("57 67 68"),
    ],
};

/// Whether Good Friday and, in four years of five, Liberation Day are free is for the employer to say: they are local.
pub(super) const NETHERLANDS: Country = Country {
    code: "NL",
    name: "Netherlands",
    regions: &[],
    alone: "",
    source: "Algemene termijnenwet, article 3; rijksoverheid.nl, Officiële feestdagen",
    checked: "2026-11-24",
    rules: &[
        day("Nieuwjaarsdag", On(1, 1)),
        day("Goede Vrijdag", Easter(-2)).local(),
        day("Eerste paasdag", Easter(0)),
        day("Tweede paasdag", Easter(1)),
        day("Koningsdag", On(4, 27)).since(2014).instead(SaturdayBeforeSunday),
        day("Bevrijdingsdag", Dates(FIFTH_YEARS)),
        day("Bevrijdingsdag in de andere jaren", On(5, 5)).except(LUSTRA).local(),
        day("Hemelvaartsdag", Easter(39)),
        day("Eerste pinksterdag", Easter(49)),
        day("Tweede pinksterdag", Easter(50)),
        day("Eerste kerstdag", On(12, 25)),
        day("Tweede kerstdag", On(12, 26)),
    ],
};

const LUSTRA: &[i16] = &[2000, 2005, 2010, 2015, 2020, 2025, 2030, 2035, 2040, 2045, 2050];
const FIFTH_YEARS: &[(i16, i8, i8)] = &[
    (2000, 5, 5),
    (2005, 5, 5),
    (2010, 5, 5),
    (2015, 5, 5),
    (2020, 5, 5),
    (2025, 5, 5),
    (2030, 5, 5),
    (2035, 5, 5),
    (2040, 5, 5),
    (2045, 5, 5),
    (2050, 5, 5),
];

//! How a public holiday is written down, and the dates that follow.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

/// A country's public holidays.
#[derive(Debug)]
pub(super) struct Country {
    /// ISO 3166-1, two letters.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// ISO 3166-2 without the country, and the name, of the parts that have holidays of their own.
    pub(super) regions: &'static [(&'static str, &'static str)],
    /// What the country's code alone stands for.
    pub(super) alone: &'static str,
    /// The law or the page of the government that the days were taken from.
    pub(super) source: &'static str,
    /// The day on which they were last compared with the source and with an independent list, ISO 8601.
    pub(super) checked: &'static str,
    pub(super) rules: &'static [Rule],
}

/// When a holiday falls, before it is moved.
#[derive(Clone, Copy, Debug)]
pub(super) enum When {
    /// The same day of the same month.
    On(i8, i8),
    /// The same day of the same month, in years in which it is one of these weekdays.
    OnA(&'static [Weekday], i8, i8),
    /// The n-th such weekday of a month, from its end where n is below 0.
    Nth(i8, Weekday, i8),
    /// The first such weekday on or after a day of a month.
    From(Weekday, i8, i8),
    /// The such weekday nearest to a day of a month.
    Near(Weekday, i8, i8),
    /// So many days after the such n-th weekday of a month.
    NthPlus(i8, Weekday, i8, i8),
    /// The first of a month if that is a Friday, else its first Monday.
    FirstFridayOrMonday(i8),
    /// So many days after Easter Sunday.
    Easter(i8),
    /// Dates that were proclaimed: year, month, day.
    Dates(&'static [(i16, i8, i8)]),
}

/// Where a holiday goes that falls on a weekend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// From Saturday to Friday, from Sunday to Monday.
    NearestWeekday,
    /// From Saturday or Sunday to Monday.
    Monday,
    /// From Sunday to Monday, even where that is a holiday already.
    MondayAfterSunday,
    /// From Sunday to the Saturday before.
    SaturdayBeforeSunday,
    /// From Saturday or Sunday to the next weekday that is no holiday.
    NextFree,
    /// From Saturday to Monday and from Sunday to Tuesday: the second of two days in a row.
    TwoDaysOn,
}

/// Whether the law moves a holiday or adds a day to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moved {
    Never,
    Instead(To),
    Also(To),
}

/// One holiday: its name, when it falls, where, and in which years.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) when: When,
    /// Regions with blanks between, `*` the country alone; empty: everywhere.
    only: &'static str,
    first_year: i16,
    last_year: i16,
    except: &'static [i16],
    pub(super) moved: Moved,
    /// Kept in some places of the region only, or by some employers only: taken when asked for by name.
    pub(super) local: bool,
}

/// A holiday everywhere, in every year, never moved.
pub(super) const fn day(name: &'static str, when: When) -> Rule {
    Rule {
        name,
        when,
        only: "",
        first_year: i16::MIN,
        last_year: i16::MAX,
        except: &[],
        moved: Moved::Never,
        local: false,
    }
}

impl Rule {
    /// In these regions only, with blanks between; `*` is the country alone.
    pub(super) const fn only(self, regions: &'static str) -> Self {
        Self { only: regions, ..self }
    }

    /// From this year on.
    pub(super) const fn since(self, year: i16) -> Self {
        Self { first_year: year, ..self }
    }

    /// In this year for the last time.
    pub(super) const fn until(self, year: i16) -> Self {
        Self { last_year: year, ..self }
    }

    /// Not in these years.
    pub(super) const fn except(self, years: &'static [i16]) -> Self {
        Self { except: years, ..self }
    }

    pub(super) const fn instead(self, to: To) -> Self {
        Self { moved: Moved::Instead(to), ..self }
    }

    pub(super) const fn also(self, to: To) -> Self {
        Self { moved: Moved::Also(to), ..self }
    }

    pub(super) const fn local(self) -> Self {
        Self { local: true, ..self }
    }

    /// Whether it is kept in a region; empty: by the country alone.
    pub(super) fn holds_in(&self, region: &str) -> bool {
        let region = if region.is_empty() { "*" } else { region };
        self.only.is_empty() || self.only.split(' ').any(|named| named == region)
    }

    /// The date it falls on in a year, before it is moved.
    pub(super) fn date(&self, year: i16) -> Option<Date> {
        let in_force = (self.first_year..=self.last_year).contains(&year) && !self.except.contains(&year);
        if in_force { self.when.date(year) } else { None }
    }

    /// The regions it names; empty: all.
    #[cfg(test)]
    pub(super) fn regions(&self) -> impl Iterator<Item = &'static str> {
        self.only.split(' ').filter(|named| !named.is_empty() && *named != "*")
    }
}

impl When {
    fn date(self, year: i16) -> Option<Date> {
        let on = |month, day| Date::new(year, month, day).ok();
        match self {
            Self::On(month, day) => on(month, day),
            Self::OnA(weekdays, month, day) => on(month, day).filter(|date| weekdays.contains(&date.weekday())),
            Self::Nth(nth, weekday, month) => on(month, 1)?.nth_weekday_of_month(nth, weekday).ok(),
            Self::From(weekday, month, day) => on(month, day)?.yesterday().ok()?.nth_weekday(1, weekday).ok(),
            Self::Near(weekday, month, day) => plus(on(month, day)?, -4)?.nth_weekday(1, weekday).ok(),
            Self::NthPlus(nth, weekday, month, days) => {
                plus(on(month, 1)?.nth_weekday_of_month(nth, weekday).ok()?, days)
            }
            Self::FirstFridayOrMonday(month) => match on(month, 1)? {
                friday if friday.weekday() == Weekday::Friday => Some(friday),
                first => first.nth_weekday_of_month(1, Weekday::Monday).ok(),
            },
            Self::Easter(days) => plus(easter(year)?, days),
            Self::Dates(dates) => {
                let (_, month, day) = dates.iter().find(|(of, ..)| *of == year)?;
                on(*month, *day)
            }
        }
    }
}

impl To {
    /// The date that a holiday on `date` is moved to; none: it stays.
    ///
    /// - `taken`: whether a date is a holiday already.
    pub(super) fn moves(self, date: Date, taken: impl Fn(Date) -> bool) -> Option<Date> {
        let free = || {
            let mut later = plus(date, 1)?;
            while is_weekend(later) || taken(later) {
                later = plus(later, 1)?;
            }
            Some(later)
        };
        match (self, date.weekday()) {
            (Self::NearestWeekday, Weekday::Saturday) | (Self::SaturdayBeforeSunday, Weekday::Sunday) => plus(date, -1),
            (Self::NearestWeekday | Self::Monday | Self::MondayAfterSunday, Weekday::Sunday) => plus(date, 1),
            (Self::Monday | Self::TwoDaysOn, Weekday::Saturday) | (Self::TwoDaysOn, Weekday::Sunday) => plus(date, 2),
            (Self::NextFree, Weekday::Saturday | Weekday::Sunday) => free(),
            _ => None,
        }
    }
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn plus(date: Date, days: i8) -> Option<Date> {
    date.checked_add(i64::from(days).days()).ok()
}

/// Easter Sunday of the Gregorian calendar.
///
/// Source: the computus in the form of J. Meeus, *Astronomical Algorithms*, chapter 8.
pub(super) fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (golden, century) = (y % 19, y / 100);
    let moon = (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (y % 100 / 4) - moon - y % 100 % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let days = moon + sunday - 7 * late + 114;
    Date::new(year, i8::try_from(days / 31).ok()?, i8::try_from(days % 31 + 1).ok()?).ok()
}

//! Which name has which place in the mixer's tables.
//!
//! A place is given to a new name only after the real-time thread has handed back everything of the old one, and the
//! facts before that have been forwarded: so a fact is never told under another's name.

/// One place.
#[derive(Debug, Clone, Default)]
struct Place {
    name: Option<String>,
    /// Things the real-time thread has yet to hand back.
    owed: u32,
    released: bool,
}

/// The places of one table.
#[derive(Debug)]
pub(crate) struct Places {
    places: Vec<Place>,
    free: Vec<u32>,
}

impl Places {
    /// All places free.
    pub fn new(count: usize) -> Self {
        Self {
            places: vec![Place::default(); count],
            free: (0..count as u32).rev().collect(),
        }
    }

    /// Take a place for a name; None when all are taken.
    pub fn take(&mut self, name: &str) -> Option<u32> {
        let place = self.free.pop()?;
        self.places[place as usize] = Place {
            name: Some(name.to_owned()),
            owed: 0,
            released: false,
        };
        Some(place)
    }

    /// Whose place this is, or was until just now.
    pub fn name(&self, place: u32) -> Option<&str> {
        self.places[place as usize].name.as_deref()
    }

    /// Note that the real-time thread will hand something back for this place.
    pub fn owe(&mut self, place: u32) {
        self.places[place as usize].owed += 1;
    }

    /// Note that it has.
    pub fn hand_back(&mut self, place: u32) {
        let entry = &mut self.places[place as usize];
        entry.owed = entry.owed.saturating_sub(1);
        self.free_if_done(place);
    }

    /// Whether some place that was given up has yet to be free.
    pub fn owes(&self) -> bool {
        self.places.iter().any(|place| place.released && place.owed > 0)
    }

    /// Give a place up. It is free once nothing is owed.
    pub fn release(&mut self, place: u32) {
        self.places[place as usize].released = true;
        self.free_if_done(place);
    }

    fn free_if_done(&mut self, place: u32) {
        let entry = &mut self.places[place as usize];
        if entry.released && entry.owed == 0 && entry.name.take().is_some() {
            self.free.push(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_keeps_its_name_until_all_of_it_came_back() {
        let mut places = Places::new(1);
        let place = places.take("a").unwrap();
        places.owe(place);
        places.owe(place);
        places.release(place);
        places.hand_back(place);
        assert_eq!(places.take("b"), None);
        assert_eq!(places.name(place), Some("a"));
        places.hand_back(place);
        assert_eq!(places.name(place), None);
        assert_eq!(places.take("b"), Some(place));
    }

    #[test]
    fn what_comes_back_while_the_name_lives_frees_nothing() {
        let mut places = Places::new(1);
        let place = places.take("a").unwrap();
        places.owe(place);
        places.hand_back(place);
        assert_eq!(places.name(place), Some("a"));
        places.release(place);
        assert_eq!(places.take("b"), Some(place));
    }
}

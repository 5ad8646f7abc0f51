package dev.sparsed.demo.village;

import com.google.common.collect.ImmutableList;

/** The word lists of the village. No two lists share a word, so that an answer is unambiguous. */
final class Words {

  static final ImmutableList<String> PEOPLE =
      ImmutableList.of(
          "Ada", "Anton", "Bela", "Bruno", "Carla", "Cyril", "Dora", "Edgar", "Elin", "Fabian",
          "Flora", "Gregor", "Greta", "Hanna", "Hugo", "Ida", "Ivan", "Jonas", "Judit", "Karl",
          "Klara", "Leo", "Lina", "Magnus", "Mara", "Nils", "Nora", "Oskar", "Olga", "Paul",
          "Petra", "Rosa", "Ruben", "Sofia", "Stefan", "Tilda", "Tomas", "Ulla", "Viktor", "Wanda");

  static final ImmutableList<String> TOWNS =
      ImmutableList.of(
          "Lowick",
          "Tarnby",
          "Eastmere",
          "Holm",
          "Briarton",
          "Kelder",
          "Northam",
          "Ashford",
          "Velden",
          "Marsk",
          "Orrest",
          "Pinwell",
          "Quarley",
          "Rowan",
          "Selby",
          "Thorpe",
          "Ulverton",
          "Wexley",
          "Yarrow",
          "Dunmore");

  static final ImmutableList<String> ANIMALS =
      ImmutableList.of(
          "goat", "horse", "parrot", "rabbit", "donkey", "goose", "hen", "sheep", "cat", "dog",
          "pony", "turtle", "mouse", "duck", "lamb", "raven");

  static final ImmutableList<String> INSTRUMENTS =
      ImmutableList.of(
          "flute", "violin", "drum", "harp", "piano", "trumpet", "guitar", "organ", "cello", "horn",
          "lute", "banjo");

  static final ImmutableList<String> CROPS =
      ImmutableList.of(
          "barley",
          "beans",
          "carrots",
          "cherries",
          "flax",
          "grapes",
          "hops",
          "lentils",
          "oats",
          "onions",
          "pears",
          "peas",
          "plums",
          "rye",
          "turnips",
          "wheat");

  static final ImmutableList<String> COLOURS =
      ImmutableList.of(
          "red", "green", "blue", "yellow", "white", "black", "brown", "grey", "purple", "orange",
          "silver", "golden");

  static final ImmutableList<String> CONTAINERS = ImmutableList.of("box", "chest", "jar", "bag");

  static final ImmutableList<String> DAYS =
      ImmutableList.of(
          "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday");

  static final ImmutableList<String> WEATHER =
      ImmutableList.of("rain", "snow", "wind", "fog", "sun", "frost");

  static final ImmutableList<String> PLACES =
      ImmutableList.of("harbour", "mill", "market", "bridge", "church", "meadow", "forest", "well");

  static final ImmutableList<String> GOODS =
      ImmutableList.of("salt", "rope", "wool", "apples", "timber", "bread", "cloth", "honey");

  private Words() {}
}

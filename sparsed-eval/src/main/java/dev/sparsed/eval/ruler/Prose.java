package dev.sparsed.eval.ruler;

import com.google.common.collect.ImmutableList;
import java.util.Random;

/**
 * Filler text: plain sentences about a made-up coast, endless and without a story, drawn from a
 * small grammar. A sentence is determined by the seed and its number.
 */
final class Prose {

  /** One round of the short filler that never changes, for the tasks whose filler is noise. */
  static final String NOISE =
      "Rain falls on the roof. The lamp is lit. A cart rolls by. Nobody waits. The bell rings"
          + " twice.";

  private static final ImmutableList<String> WHO =
      ImmutableList.of(
          "the ferryman",
          "an old teacher",
          "the baker's daughter",
          "a travelling printer",
          "the harbour master",
          "two of the gardeners",
          "the clockmaker",
          "a retired surveyor",
          "the night watch",
          "her younger brother",
          "the village doctor",
          "a group of apprentices",
          "the librarian",
          "the miller",
          "a letter carrier",
          "the innkeeper",
          "most of the neighbours",
          "the roofers",
          "a visiting musician",
          "the keeper of the records");

  private static final ImmutableList<String> DID =
      ImmutableList.of(
          "repaired the wooden stairs",
          "counted the sacks again",
          "wrote a long letter",
          "argued about the price of timber",
          "planted a row of young trees",
          "took the narrow path along the cliff",
          "copied the map by hand",
          "waited for the tide to turn",
          "painted the shutters",
          "carried water up the hill",
          "read the notice twice",
          "mended a torn sail",
          "asked for a second opinion",
          "swept the long hall",
          "kept the fire going",
          "forgot to lock the gate",
          "traded a clock for a pair of boots",
          "drew a plan of the cellar",
          "listened without saying a word",
          "looked for the missing page");

  private static final ImmutableList<String> WHERE =
      ImmutableList.of(
          "behind the old market",
          "near the second bridge",
          "on the eastern slope",
          "in the room above the workshop",
          "beside the empty fountain",
          "at the edge of the marsh",
          "under the tall chestnut",
          "along the sea wall",
          "across the square",
          "in the corner of the orchard",
          "by the lower gate",
          "outside the town hall",
          "at the foot of the tower",
          "between the two warehouses");

  private static final ImmutableList<String> WHEN =
      ImmutableList.of(
          "Early in the morning",
          "After the storm",
          "In the third week of spring",
          "On most evenings",
          "Before the shops opened",
          "Late in the year",
          "That afternoon",
          "When the snow had gone",
          "Some days later",
          "During the fair",
          "Around noon",
          "At the end of the season");

  private static final ImmutableList<String> BECAUSE =
      ImmutableList.of(
          "because nobody else had the time", "although the weather was poor",
          "since there was little left to do", "even though it had been done before",
          "so that the others could rest", "while the children slept",
          "as had been agreed in winter", "though few people noticed",
          "until the light was gone", "which surprised the whole street");

  private static final ImmutableList<String> REMARK =
      ImmutableList.of(
          "It is easy to forget how quiet the place once was",
          "Few things last as long as a good habit",
          "A plan is worth little without patience",
          "The older houses keep their warmth far better",
          "People tend to trust what they can touch",
          "There is more than one way to cross a river",
          "Good tools make short work of a dull task",
          "What looks like luck is often practice",
          "Nothing about the matter was written down",
          "The road is longer than it seems from here",
          "Small mistakes are the ones that teach the most",
          "Even a slow season has its uses");

  private Prose() {}

  static String sentence(long seed, int number) {
    Random random = Seeds.random(seed, number);
    String who = WordLists.any(WHO, random);
    String did = WordLists.any(DID, random);
    String where = WordLists.any(WHERE, random);
    String thing =
        WordLists.any(WordLists.ADJECTIVES, random) + " " + WordLists.any(WordLists.NOUNS, random);
    return switch (random.nextInt(8)) {
      case 0 -> WordLists.any(WHEN, random) + " " + who + " " + did + " " + where + ".";
      case 1 -> capital(who) + " " + did + " " + WordLists.any(BECAUSE, random) + ".";
      case 2 -> WordLists.any(REMARK, random) + ", and " + who + " knew it.";
      case 3 -> capital(where) + ", " + who + " " + did + ".";
      case 4 -> "The " + thing + " was still there when " + who + " " + did + ".";
      case 5 -> WordLists.any(REMARK, random) + ".";
      case 6 -> capital(who) + " spoke of the " + thing + " and then " + did + ".";
      default -> WordLists.any(WHEN, random) + " somebody left a " + thing + " " + where + ".";
    };
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}

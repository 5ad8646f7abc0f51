package dev.sparsed.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import org.junit.jupiter.api.Test;

class BytePairTrainerTest {

  @Test
  void mergesTheMostFrequentPairFirst() {
    BytePairTrainer.Encoding encoding = BytePairTrainer.train("abab abab cd", 2);
    assertEquals(new BytePairTrainer.Pair("a", "b"), encoding.merges().get(0));
    assertTrue(encoding.vocabulary().containsKey("abab"));
    assertTrue(!encoding.vocabulary().containsKey("cd"), "seen only once");
  }

  @Test
  void startsWithAllBytesAndNumbersMergesInOrder() {
    BytePairTrainer.Encoding encoding = BytePairTrainer.train("no no no", 2);
    assertEquals(256, encoding.vocabulary().get("no"));
    assertEquals(
        ImmutableList.of(new BytePairTrainer.Pair("n", "o"), new BytePairTrainer.Pair("Ġ", "no")),
        encoding.merges());
  }
}

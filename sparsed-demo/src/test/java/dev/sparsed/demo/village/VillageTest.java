package dev.sparsed.demo.village;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class VillageTest {

  @Property(tries = 20)
  void asksEachQuestionAboutOneFactOnly(@ForAll long seed) {
    Village village = new Village(new Random(seed));
    Set<String> questions = new HashSet<>();
    for (Fact fact : village.facts(village.size())) {
      assertTrue(questions.add(fact.question()), fact::question);
      assertTrue(fact.sentence().contains(fact.subject()));
      assertTrue(fact.sentence().contains(fact.object()));
    }
  }

  @Property(tries = 20)
  void idleSentencesNameNobody(@ForAll long seed) {
    Village village = new Village(new Random(seed));
    String sentence = village.idleSentence();
    for (String person : Words.PEOPLE) {
      assertTrue(!sentence.contains(person + " "), sentence);
    }
  }

  @Test
  void isTheSameForTheSameSeed() {
    assertEquals(new Village(new Random(3)).facts(10), new Village(new Random(3)).facts(10));
  }
}

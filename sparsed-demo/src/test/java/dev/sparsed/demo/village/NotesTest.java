package dev.sparsed.demo.village;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class NotesTest {

  @Property(tries = 50)
  void tellEverythingAndFillTheRoom(@ForAll long seed, @ForAll @IntRange(max = 2000) int room) {
    Random random = new Random(seed);
    List<Inquiry> told = inquiries(random);
    List<String> text = Notes.write(told, room, String::length, random);
    int facts = 0;
    for (Inquiry inquiry : told) {
      assertTrue(text.containsAll(inquiry.sentences()), inquiry::answer);
      facts += inquiry.sentences().stream().mapToInt(String::length).sum();
    }
    int size = text.stream().mapToInt(String::length).sum();
    assertTrue(size <= Math.max(room, facts), () -> size + " of " + room);
    assertTrue(size >= room - 60, () -> size + " of " + room);
  }

  @Property(tries = 50)
  void tellSeveralFactsInTheOrderOfTheAnswer(@ForAll long seed) {
    Random random = new Random(seed);
    List<Inquiry> told = inquiries(random);
    List<String> text = Notes.write(told, 500, String::length, random);
    for (Inquiry inquiry : told) {
      if (inquiry.kind() == Inquiry.Kind.SEVERAL) {
        assertEquals(
            inquiry.sentences(), text.stream().filter(inquiry.sentences()::contains).toList());
      }
    }
  }

  @Property(tries = 50)
  void aFactIsToldOnceAndAQuestionAskedOnce(@ForAll long seed) {
    Set<String> seen = new HashSet<>();
    for (Inquiry inquiry : inquiries(new Random(seed))) {
      assertTrue(seen.add(inquiry.question()), inquiry::question);
      for (String sentence : inquiry.sentences()) {
        assertTrue(seen.add(sentence), sentence);
      }
    }
  }

  private static List<Inquiry> inquiries(Random random) {
    Inquiries source = new Inquiries(random);
    List<Inquiry> told = new ArrayList<>();
    while (told.size() < 12 && source.has(3)) {
      told.add(source.single(source.anyRelation()));
      told.add(source.several(2 + random.nextInt(3)));
      told.add(source.chain(source.anyComparable(), 1 + random.nextInt(2)));
    }
    return told;
  }
}

package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.demo.DemoQuestion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FirstLookTest {

  @Test
  void showsAnswerNumbersAndAPicture() {
    Invocation invocation = Invocation.of("generate", "--threads", "1");
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.out().contains(DemoQuestion.recommended().answer()), invocation.out());
    assertEquals(1, invocation.out().lines().count(), invocation.out());
    String err = invocation.err();
    assertTrue(err.contains("That is right."), err);
    assertTrue(err.lines().anyMatch(line -> line.matches("SparseD +[0-9.]+ % .* ms")), err);
    assertTrue(err.lines().anyMatch(line -> line.matches("full attention +100.0 % .* ms")), err);
    assertTrue(err.contains("head 0"), err);
    assertTrue(err.contains("Next:"), err);
  }

  @Test
  void quietPrintsTheAnswerAlone() {
    for (String[] arguments :
        new String[][] {
          {"generate", "--quiet", "--threads", "1"},
          {"generate", "--quiet", "--threads", "1", "-n", "32", "--steps", "32"}
        }) {
      Invocation invocation = Invocation.of(arguments);
      assertEquals(0, invocation.exitCode(), invocation.err());
      assertEquals("", invocation.err());
      assertEquals(1, invocation.out().lines().count(), invocation.out());
      assertFalse(invocation.out().isBlank());
    }
    assertEquals(2, Invocation.of("generate", "--quiet", "--live").exitCode());
  }

  @Test
  void aReportHoldsBothGenerations(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("out.html");
    Invocation invocation =
        Invocation.of("generate", "--threads", "1", "--report", page.toString());
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(invocation.err().contains("Report: " + page), invocation.err());
    assertTrue(Files.readString(page).contains("<title>The demo model's first answer</title>"));
  }
}

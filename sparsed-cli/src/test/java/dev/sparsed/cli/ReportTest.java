package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

  private static Invocation generate(Path page) {
    return Invocation.of(
        "generate",
        "--seq_len",
        "32",
        "--steps",
        "32",
        "--threads",
        "1",
        "--report",
        page.toString());
  }

  @Test
  void aReportIsWrittenAfterTheAnswer(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("out.html");
    Invocation invocation = generate(page);
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertFalse(invocation.out().isBlank());
    assertTrue(invocation.err().contains("Report: " + page), invocation.err());
    assertTrue(Files.readString(page).startsWith("<!DOCTYPE html>"));
  }

  /** Its patterns are those of single blocks, which the page is told of while they come. */
  @Test
  void aModelThatAttendsBlockByBlockHasAReportToo(@TempDir Path folder) throws IOException {
    Path page = folder.resolve("out.html");
    Invocation invocation =
        Invocation.of(
            "generate",
            "-m",
            "../sparsed-models/src/test/resources/goldens-qwen/sdar",
            "--tokens",
            "1,2,3,4,5,6,7",
            "-n",
            "8",
            "--threads",
            "1",
            "--report",
            page.toString());
    assertEquals(0, invocation.exitCode(), invocation.err());
    assertTrue(Files.readString(page).startsWith("<!DOCTYPE html>"));
  }

  @Test
  void aPageThatCannotBeWrittenIsRefusedBeforeAnythingIsGenerated(@TempDir Path folder) {
    for (Path page : new Path[] {folder, folder.resolve("nowhere/out.html")}) {
      Invocation invocation = generate(page);
      assertEquals(2, invocation.exitCode());
      assertTrue(invocation.err().contains("--report"), invocation.err());
      assertTrue(invocation.out().isEmpty(), invocation.out());
    }
  }
}

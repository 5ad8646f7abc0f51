package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that write a checkpoint never touch somebody's model. */
class OutputFolderTest {

  @ParameterizedTest
  @CsvSource({
    "train-demo,tokenizer.json",
    "train-demo,config.json",
    "make-checkpoint --like dream-7b,model.safetensors",
    // Half a tokenizer, which a checkpoint could not be used with.
    "make-checkpoint --like dream-7b,tokenizer_config.json"
  })
  void refusesAtOnceAFolderThatCannotTakeACheckpoint(
      String command, String name, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "{}");
    Invocation invocation = Invocation.of((command + " --output " + folder).split(" ", -1));
    assertEquals(2, invocation.exitCode(), invocation.err());
    assertEquals(1, invocation.err().lines().count(), invocation.err());
    assertTrue(invocation.err().contains(folder.toString()), invocation.err());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
    assertEquals("{}", Files.readString(file));
  }
}

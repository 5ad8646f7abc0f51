package dev.sparsed.attention.internal.calibration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CalibrationFolderTest {

  private static final CalibrationKey KEY =
      CalibrationKey.of(Map.of("device", "a card = b:c \\ # ü", "driver", "1"), Works.WORK);
  private static final AttentionTimings TIMINGS = Works.timings(0.1, 1.0 / 3, 0.2);

  @TempDir private Path parent = Path.of("");

  private CalibrationFolder folder() {
    return new CalibrationFolder(parent.resolve("calibration"));
  }

  private Path file() {
    return parent.resolve("calibration").resolve(KEY.fileName());
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    assertEquals(Optional.empty(), folder().read(KEY));
    assertEquals(Map.of(), folder().all());
    folder().write(KEY, TIMINGS);
    assertEquals(Optional.of(TIMINGS), folder().read(KEY));
    assertEquals(Map.of(KEY, TIMINGS), folder().all());
    AttentionTimings later = Works.timings(1, 2, 3);
    folder().write(KEY, later);
    assertEquals(Map.of(KEY, later), folder().all());
  }

  @Test
  void anotherDriverIsAnotherMachine() throws IOException {
    folder().write(KEY, TIMINGS);
    CalibrationKey other =
        CalibrationKey.of(Map.of("device", "a card = b:c \\ # ü", "driver", "2"), Works.WORK);
    assertEquals(Optional.empty(), folder().read(other));
    // Not even where somebody gave the file its name.
    Files.copy(file(), file().resolveSibling(other.fileName()));
    assertEquals(Optional.empty(), folder().read(other));
    assertEquals(Map.of(KEY, TIMINGS), folder().all());
  }

  @Test
  void brokenFilesCountAsNone() throws IOException {
    folder().write(KEY, TIMINGS);
    String good = Files.readString(file());
    List<String> broken = new ArrayList<>();
    for (int end = 0; end < good.length(); end += 7) {
      broken.add(good.substring(0, end));
    }
    broken.add(good.replace("format=1", "format=2"));
    broken.add(good.replace("0.2", "-0.2"));
    broken.add(good.replace("0.2", "NaN"));
    broken.add(good.replace("0.25", "1.5"));
    broken.add(good.replace("FLOAT32", "FLOAT31"));
    broken.add(good.replace("2026-01", "2026-31"));
    broken.add(good.replace("work.heads=8", "work.heads=2147483647"));
    broken.add(good.replace("measured.tokens=1024", "measured.tokens=0"));
    broken.add(good + "\\u00");
    broken.add("x".repeat(1 << 17));
    for (String text : broken) {
      Files.writeString(file(), text);
      Optional<AttentionTimings> read = folder().read(KEY);
      assertTrue(read.isEmpty() || read.equals(Optional.of(TIMINGS)), text);
      folder().all();
    }
    Files.write(file(), new byte[] {(byte) 0xff, 0, (byte) 0x80});
    assertEquals(Optional.empty(), folder().read(KEY));
    Files.delete(file());
    Files.createDirectory(file());
    assertEquals(Optional.empty(), folder().read(KEY));
  }

  @Test
  void writersAtTheSameTimeLeaveOneOfTheirFiles() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> writers = new ArrayList<>();
      for (int i = 1; i <= 4; i++) {
        double seconds = i;
        writers.add(
            threads.submit(
                () -> {
                  for (int n = 0; n < 20; n++) {
                    folder().write(KEY, Works.timings(seconds, seconds, seconds));
                    AttentionTimings read = folder().read(KEY).orElseThrow();
                    assertEquals(read.denseSeconds(), read.selectSeconds());
                  }
                  return null;
                }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(1, folder().all().size());
  }

  @Property(tries = 300)
  void everyKeyComesBackFromItsText(@ForAll String name, @ForAll String value) {
    CalibrationKey key = CalibrationKey.of(Map.of(name, value), Works.WORK);
    CalibrationText.Entry entry = new CalibrationText.Entry(key, TIMINGS);
    String text = CalibrationText.format(entry);
    String stored = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    assertEquals(Optional.of(entry), CalibrationText.parse(stored));
  }

  @Property(tries = 300)
  void keysThatDifferHaveDifferentNames(
      @ForAll String name, @ForAll String value, @ForAll String other) {
    CalibrationKey one = CalibrationKey.of(Map.of(name, value), Works.WORK);
    CalibrationKey two = CalibrationKey.of(Map.of(name, other), Works.WORK);
    if (value.equals(other)) {
      assertEquals(one.fileName(), two.fileName());
    } else {
      assertNotEquals(one.fileName(), two.fileName());
    }
  }

  @Property(tries = 300)
  void noTextIsAnError(@ForAll String text) {
    CalibrationText.parse(text);
    CalibrationText.parse("format=1\n" + text);
  }
}

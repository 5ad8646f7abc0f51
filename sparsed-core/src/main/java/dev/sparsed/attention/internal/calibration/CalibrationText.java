package dev.sparsed.attention.internal.calibration;

import com.google.common.collect.ImmutableSortedMap;
import dev.sparsed.attention.AttentionBackend.AttentionTimings;
import dev.sparsed.attention.AttentionShape;
import dev.sparsed.pattern.BlockShape;
import dev.sparsed.tensor.ElementType;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** A measurement and its key as a text of properties, which a person can read. */
final class CalibrationText {

  private static final String FORMAT = "1";
  private static final String PLATFORM = "platform.";

  private CalibrationText() {}

  /**
   * One measurement.
   *
   * @param key what it depends on
   * @param timings the times
   */
  record Entry(CalibrationKey key, AttentionTimings timings) {}

  static String format(Entry entry) {
    Properties fields = new Properties();
    fields.setProperty("format", FORMAT);
    entry.key().platform().forEach((name, value) -> fields.setProperty(PLATFORM + name, value));
    CalibrationWork work = entry.key().work();
    fields.setProperty("work.type", work.type().name());
    put(fields, "work.heads", work.heads());
    put(fields, "work.kvHeads", work.kvHeads());
    put(fields, "work.headDimension", work.headDimension());
    put(fields, "work.queryTokens", work.blocks().queryTokens());
    put(fields, "work.keyTokens", work.blocks().keyTokens());
    AttentionTimings timings = entry.timings();
    fields.setProperty("measured.at", timings.measuredAt().toString());
    put(fields, "measured.kvHeads", timings.shape().kvHeads());
    put(fields, "measured.tokens", timings.shape().keyLength());
    put(fields, "measured.density", timings.density());
    put(fields, "measured.denseSeconds", timings.denseSeconds());
    put(fields, "measured.sparseSeconds", timings.sparseSeconds());
    put(fields, "measured.selectSeconds", timings.selectSeconds());
    StringWriter text = new StringWriter();
    try {
      fields.store(text, "How fast attention is here. Measured anew where this file is missing.");
    } catch (IOException e) {
      throw new UncheckedIOException("a string cannot be written to", e);
    }
    return text.toString();
  }

  /** What a text says, or empty if it is none of these. */
  static Optional<Entry> parse(String text) {
    try {
      Properties fields = new Properties();
      fields.load(new StringReader(text));
      return FORMAT.equals(fields.getProperty("format"))
          ? Optional.of(entry(fields))
          : Optional.empty();
    } catch (IllegalArgumentException | DateTimeException | IOException e) {
      return Optional.empty();
    }
  }

  private static Entry entry(Properties fields) {
    BlockShape blocks =
        new BlockShape(integer(fields, "work.queryTokens"), integer(fields, "work.keyTokens"));
    CalibrationWork work =
        new CalibrationWork(
            ElementType.valueOf(text(fields, "work.type")),
            integer(fields, "work.heads"),
            integer(fields, "work.kvHeads"),
            integer(fields, "work.headDimension"),
            blocks);
    CalibrationSize size =
        new CalibrationSize(
            integer(fields, "measured.kvHeads"), integer(fields, "measured.tokens"));
    AttentionShape shape = size.shape(work);
    AttentionTimings timings =
        new AttentionTimings(
            Instant.parse(text(fields, "measured.at")),
            work.type(),
            shape,
            blocks,
            number(fields, "measured.density"),
            number(fields, "measured.denseSeconds"),
            number(fields, "measured.sparseSeconds"),
            number(fields, "measured.selectSeconds"));
    return new Entry(new CalibrationKey(platform(fields), work), timings);
  }

  private static ImmutableSortedMap<String, String> platform(Properties fields) {
    ImmutableSortedMap.Builder<String, String> platform = ImmutableSortedMap.naturalOrder();
    for (Map.Entry<Object, Object> field : fields.entrySet()) {
      String name = field.getKey().toString();
      if (name.startsWith(PLATFORM)) {
        platform.put(name.substring(PLATFORM.length()), field.getValue().toString());
      }
    }
    return platform.buildOrThrow();
  }

  private static void put(Properties fields, String name, Number value) {
    fields.setProperty(name, value.toString());
  }

  private static String text(Properties fields, String name) {
    String value = fields.getProperty(name);
    if (value == null) {
      throw new IllegalArgumentException("there is no " + name);
    }
    return value;
  }

  private static int integer(Properties fields, String name) {
    return Integer.parseInt(text(fields, name));
  }

  private static double number(Properties fields, String name) {
    return Double.parseDouble(text(fields, name));
  }
}

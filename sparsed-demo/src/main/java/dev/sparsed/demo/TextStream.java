package dev.sparsed.demo;

import dev.sparsed.demo.exam.ExamTask;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes texts for a training outside Java: reads a request a line from standard input, and writes
 * its batch to standard output, until the input ends. It is started with the path of a recipe.
 *
 * <ul>
 *   <li>{@code step STAGE NUMBER}: the batch of a step, by the stage's index and the step's number;
 *   <li>{@code exam TASK LENGTH COUNT}: questions whose answers are masked whole.
 * </ul>
 *
 * <p>A batch is, in little-endian order: three int32 (rows, tokens of a row, masked tokens); uint16
 * ids of all tokens; uint16 positions of all tokens; int32 indices of the masked tokens in the
 * flattened rows; uint16 ids of what was masked; float32 weights of the masked tokens.
 */
final class TextStream {

  private TextStream() {}

  /** Serves requests. */
  public static void main(String[] arguments) throws IOException {
    serve(DemoRecipe.parse(Files.readString(Path.of(arguments[0]))), System.in, System.out);
  }

  static void serve(DemoRecipe recipe, InputStream input, OutputStream output) throws IOException {
    TextSource source = new TextSource(recipe);
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(input, StandardCharsets.US_ASCII));
    String request;
    while ((request = requests.readLine()) != null) {
      output.write(bytes(batch(source, recipe, request.split(" ", -1))));
      output.flush();
    }
  }

  private static DemoBatch batch(TextSource source, DemoRecipe recipe, String[] request) {
    if (request.length == 3 && request[0].equals("step")) {
      DemoRecipe.Stage stage = recipe.stages().get(Integer.parseInt(request[1]));
      return source.batch(stage, Integer.parseInt(request[2]));
    }
    if (request.length == 4 && request[0].equals("exam")) {
      ExamTask task = ExamTask.parse(request[1]);
      int length = Integer.parseInt(request[2]);
      return DemoBatch.blank(
          source.questions(task, length, Integer.parseInt(request[3])), source.encoding());
    }
    throw new IllegalArgumentException(
        "a request is 'step STAGE NUMBER' or 'exam TASK LENGTH COUNT', not '"
            + String.join(" ", request)
            + "'");
  }

  private static byte[] bytes(DemoBatch batch) {
    int tokens = batch.tokens().length;
    int masked = batch.places().length;
    ByteBuffer buffer =
        ByteBuffer.allocate(12 + 4 * tokens + 10 * masked).order(ByteOrder.LITTLE_ENDIAN);
    buffer.putInt(batch.rows()).putInt(tokens / batch.rows()).putInt(masked);
    putShorts(buffer, batch.tokens());
    putShorts(buffer, batch.positions());
    for (long place : batch.places()) {
      buffer.putInt((int) place);
    }
    putShorts(buffer, batch.targets());
    for (float weight : batch.weights()) {
      buffer.putFloat(weight);
    }
    return buffer.array();
  }

  private static void putShorts(ByteBuffer buffer, long[] values) {
    for (long value : values) {
      buffer.putShort((short) value);
    }
  }
}

package dev.sparsed.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sparsed.internal.WholeFile;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.InputArchive;
import org.bytedeco.pytorch.OutputArchive;
import org.bytedeco.pytorch.Tensor;

/**
 * The folder of a training: {@code recipe.json}, which may be edited before the training goes on;
 * {@code state.pt}, weights and what the optimiser remembers after the last save; {@code
 * log.jsonl}, a line per report. The texts of a step follow from its number, so that nothing else
 * is needed to go on.
 */
public final class TrainingFolder {

  private static final String RECIPE = "recipe.json";
  private static final String STATE = "state.pt";
  private static final String LOG = "log.jsonl";
  private static final String PROGRESS = "progress";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final DemoRecipe recipe;

  private TrainingFolder(Path folder, DemoRecipe recipe) {
    this.folder = folder;
    this.recipe = recipe;
  }

  /** How much was done. */
  record Progress(int step, long tokens) {}

  /**
   * Whether a folder holds a training.
   *
   * @param folder any path
   * @return true if {@link #open} can take it up
   */
  public static boolean isTraining(Path folder) {
    return Files.isRegularFile(folder.resolve(RECIPE));
  }

  /**
   * Makes a folder for a new training.
   *
   * @param folder created where it is missing
   * @param recipe what is to be done
   * @return the folder
   * @throws IllegalArgumentException if it holds a training already
   * @throws IOException if it cannot be written to
   */
  public static TrainingFolder create(Path folder, DemoRecipe recipe) throws IOException {
    if (isTraining(folder)) {
      throw new IllegalArgumentException(
          folder + " holds a training already; go on with it, or choose another folder");
    }
    Files.createDirectories(folder);
    WholeFile.write(folder.resolve(RECIPE), recipe.toJson());
    return new TrainingFolder(folder, recipe);
  }

  /**
   * The folder of a training that was begun.
   *
   * @param folder one that {@link #isTraining}
   * @return the folder
   * @throws IllegalArgumentException if its recipe is none
   * @throws IOException if it cannot be read
   */
  public static TrainingFolder open(Path folder) throws IOException {
    return new TrainingFolder(folder, DemoRecipe.parse(Files.readString(folder.resolve(RECIPE))));
  }

  DemoRecipe recipe() {
    return recipe;
  }

  /** Writes a line, which a thread that is interrupted does, too: hence no channel. */
  void log(TrainingReport report) throws IOException {
    String line = JSON.writeValueAsString(report) + "\n";
    try (OutputStream log = new FileOutputStream(folder.resolve(LOG).toFile(), true)) {
      log.write(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Writes the state, which is there whole or not at all. */
  @SuppressWarnings("try") // A PointerScope works by being open.
  void save(Progress progress, Map<String, Tensor> state) throws IOException {
    Path file = folder.resolve(STATE);
    Path part = folder.resolve(STATE + ".partial");
    try (PointerScope scope = new PointerScope()) {
      OutputArchive archive = new OutputArchive();
      archive.write(PROGRESS, Tensor.create(new long[] {progress.step(), progress.tokens()}));
      state.forEach((name, tensor) -> archive.write(stored(name), tensor.detach()));
      archive.save_to(part.toString());
    }
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Reads the state into the tensors, where there is one. */
  @SuppressWarnings("try")
  Progress load(Map<String, Tensor> state) {
    Path file = folder.resolve(STATE);
    if (!Files.exists(file)) {
      return new Progress(0, 0);
    }
    try (PointerScope scope = new PointerScope()) {
      InputArchive archive = new InputArchive();
      archive.load_from(file.toString());
      state.forEach((name, tensor) -> tensor.detach().copy_(read(archive, stored(name))));
      long[] progress = new long[2];
      read(archive, PROGRESS).data_ptr_long().get(progress);
      return new Progress((int) progress[0], progress[1]);
    }
  }

  private static Tensor read(InputArchive archive, String name) {
    Tensor stored = new Tensor();
    archive.read(name, stored);
    return stored;
  }

  /** Names of an archive are those of attributes, in which a dot means another module. */
  private static String stored(String name) {
    return name.replace('.', '/');
  }
}

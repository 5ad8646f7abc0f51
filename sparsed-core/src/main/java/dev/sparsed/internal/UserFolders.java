package dev.sparsed.internal;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where a user's files lie: as the environment says, like most programs and Hugging Face's tools,
 * and only where it says nothing as the password file does.
 */
public final class UserFolders {

  private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

  private final Map<String, String> environment;
  private final UnaryOperator<@Nullable String> property;

  /**
   * The folders that an environment names.
   *
   * @param environment environment variables by name
   * @param property the value of a system property, null where it has none
   */
  public UserFolders(Map<String, String> environment, UnaryOperator<@Nullable String> property) {
    this.environment = environment;
    this.property = property;
  }

  /**
   * The folders of this process's user.
   *
   * @return the folders
   */
  public static UserFolders ofProcess() {
    return new UserFolders(System.getenv(), System::getProperty);
  }

  /**
   * The home folder: {@code HOME} ({@code USERPROFILE} on Windows), else the property {@code
   * user.home}.
   *
   * @return the folder, which need not exist; empty where neither names one, or where its name
   *     cannot be read in this locale
   */
  public Optional<Path> home() {
    return homeName().flatMap(UserFolders::path);
  }

  /**
   * The folder for what can be made again: {@code XDG_CACHE_HOME} or {@code .cache} in the home
   * folder; {@code LOCALAPPDATA} on Windows.
   *
   * @return the folder, which need not exist; empty where there is no home folder
   */
  public Optional<Path> cache() {
    return variable("XDG_CACHE_HOME")
        .flatMap(UserFolders::path)
        // As the standard has it, which tells to pass over relative ones.
        .filter(Path::isAbsolute)
        .or(() -> WINDOWS ? variable("LOCALAPPDATA").flatMap(UserFolders::path) : Optional.empty())
        .or(() -> home().map(home -> home.resolve(".cache")));
  }

  /**
   * Why there is no {@link #cache} folder.
   *
   * @return the reason in words
   */
  public String whyNoCache() {
    return homeName()
        .map(
            name ->
                FileNames.garbled(name)
                    .map(why -> "the name of this user's home folder is misread: " + why)
                    .orElse("this user's home folder has a name that no file can have"))
        .orElse("this user has no home folder");
  }

  private Optional<String> homeName() {
    return variable(WINDOWS ? "USERPROFILE" : "HOME")
        .or(() -> Optional.ofNullable(property.apply("user.home")))
        // What Java says of a user who is not in the password file.
        .filter(name -> !name.isEmpty() && !name.equals("?"));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  private static Optional<Path> path(String name) {
    try {
      return Optional.of(Path.of(name));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }
}

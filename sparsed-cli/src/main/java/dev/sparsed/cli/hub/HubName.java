package dev.sparsed.cli.hub;

import dev.sparsed.text.internal.Quoted;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a repository's revision.
 *
 * @param owner who it belongs to
 * @param name what it is called
 * @param revision a branch, a tag or a commit
 */
public record HubName(String owner, String name, String revision) {

  private static final Pattern FORM =
      Pattern.compile(
          "(?<owner>[A-Za-z0-9][\\w.-]*)/(?<name>[A-Za-z0-9][\\w.-]*)(@(?<revision>\\w[\\w./-]*))?");

  /**
   * Reads a name.
   *
   * @param text {@code owner/name}, with {@code @revision} for another than {@code main}
   * @return the name
   * @throws IllegalArgumentException if it is none
   */
  public static HubName parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || text.contains("..") || text.contains("--")) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is no repository such as GSAI-ML/LLaDA-8B-Instruct");
    }
    String revision = matcher.group("revision");
    return new HubName(
        matcher.group("owner"), matcher.group("name"), revision == null ? "main" : revision);
  }

  /**
   * Owner and name.
   *
   * @return as in addresses
   */
  public String id() {
    return owner + "/" + name;
  }

  @Override
  public String toString() {
    return revision.equals("main") ? id() : id() + "@" + revision;
  }
}

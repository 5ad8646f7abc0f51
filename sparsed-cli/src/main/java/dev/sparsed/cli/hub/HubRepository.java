package dev.sparsed.cli.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import dev.sparsed.text.internal.Quoted;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A revision of a repository as the hub describes it, and of its files those of a checkpoint. */
public final class HubRepository {

  private static final String INDEX = "model.safetensors.index.json";
  private static final String SINGLE = "model.safetensors";
  private static final int LARGEST_LISTING = 1 << 25;
  private static final int LARGEST_INDEX = 1 << 26;
  private static final int PART = 1 << 13;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HubHttp http;
  private final HubName name;
  private final String commit;
  private final ImmutableSet<String> paths;

  private HubRepository(HubHttp http, HubName name, String commit, ImmutableSet<String> paths) {
    this.http = http;
    this.name = name;
    this.commit = commit;
    this.paths = paths;
  }

  /**
   * Asks the hub for a revision.
   *
   * @param settings how to ask
   * @param name the repository
   * @return what is there
   * @throws HubException if there is no such repository, or not for who asks
   * @throws IOException if the hub cannot be reached
   * @throws InterruptedException if the thread is interrupted
   */
  public static HubRepository of(HubSettings settings, HubName name)
      throws IOException, InterruptedException {
    HubHttp http = new HubHttp(settings);
    URI address = http.addressOfPart("api/models/" + name.id() + "/revision", name.revision());
    JsonNode answer =
        Retry.of(settings, () -> json(http, name, address, name.toString(), LARGEST_LISTING));
    String commit = answer.path("sha").asText();
    if (!commit.matches("[0-9a-f]{40}")) {
      throw new HubException("the hub names no commit of " + name);
    }
    List<String> paths = new ArrayList<>();
    answer.path("siblings").forEach(file -> paths.add(file.path("rfilename").asText()));
    for (String path : paths) {
      if (HubFile.escapes(path) || (wanted(path) && !HubFile.isSafe(path))) {
        throw new HubException(
            name
                + " has a file "
                + Quoted.of(path)
                + ", whose name is not safe; nothing is fetched");
      }
    }
    return new HubRepository(http, name, commit, ImmutableSet.copyOf(paths));
  }

  /** The files that {@code CheckpointLocator} and the tokenizer may read, weights aside. */
  private static boolean wanted(String path) {
    String lower = path.toLowerCase(Locale.ROOT);
    boolean below = path.contains("/") && !path.startsWith("additional_chat_templates/");
    return !below
        && (lower.endsWith(".json")
            || lower.endsWith(".safetensors")
            || lower.endsWith(".jinja")
            || lower.equals("merges.txt"));
  }

  private static JsonNode json(HubHttp http, HubName name, URI address, String what, int largest)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = http.get(address, 0);
    try (InputStream body = answer.body();
        StallGuard guard = new StallGuard(body, http.settings().stall())) {
      HubAnswers.check(answer, what, name, http.settings());
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] part = body.readNBytes(PART); part.length > 0; part = body.readNBytes(PART)) {
        guard.moved();
        all.write(part);
        if (all.size() > largest) {
          throw new HubException("the hub's description of " + what + " has no end");
        }
      }
      JsonNode node = JSON.readTree(all.toByteArray());
      return node == null ? JSON.createObjectNode() : node;
    } catch (JsonProcessingException e) {
      throw new HubException("the hub's description of " + what + " is no JSON");
    }
  }

  /**
   * The files of a checkpoint: configuration, tokenizer, and the weights that its index names.
   *
   * @return the files, those that say what the checkpoint is last
   * @throws HubException if the repository holds no checkpoint
   * @throws IOException if the hub cannot be reached
   * @throws InterruptedException if the thread is interrupted
   */
  public ImmutableList<HubFile> checkpoint() throws IOException, InterruptedException {
    boolean adapter = paths.contains("adapter_config.json");
    if (!paths.contains("config.json") && !adapter) {
      throw new HubException(name + " holds no checkpoint: there is no config.json in it");
    }
    List<String> chosen = new ArrayList<>(weights());
    if (chosen.isEmpty()) {
      throw new HubException(name + " holds no weights in the safetensors format");
    }
    paths.stream()
        .filter(path -> wanted(path) && !path.endsWith(".safetensors"))
        .filter(path -> !path.equals("config.json"))
        .sorted()
        .forEach(chosen::add);
    if (paths.contains("config.json")) {
      chosen.add("config.json");
    }
    ImmutableList.Builder<HubFile> files = ImmutableList.builder();
    for (String path : chosen) {
      files.add(file(path));
    }
    return files.build();
  }

  /** Repositories often hold the same weights in a second form. */
  private List<String> weights() throws IOException, InterruptedException {
    if (paths.contains(INDEX)) {
      JsonNode index =
          Retry.of(http.settings(), () -> json(http, name, address(INDEX), INDEX, LARGEST_INDEX));
      ImmutableSet.Builder<String> named = ImmutableSet.builder();
      index.path("weight_map").forEach(file -> named.add(file.asText()));
      for (String path : named.build()) {
        if (!paths.contains(path) || !HubFile.isSafe(path)) {
          throw new HubException(
              INDEX + " of " + name + " names " + Quoted.of(path) + ", which is not there");
        }
      }
      return named.build().asList();
    }
    if (paths.contains(SINGLE)) {
      return List.of(SINGLE);
    }
    return paths.stream()
        .filter(path -> path.endsWith(".safetensors") && !path.contains("/"))
        .sorted()
        .toList();
  }

  private HubFile file(String path) throws IOException, InterruptedException {
    return Retry.of(
        http.settings(),
        () -> {
          HttpResponse<Void> answer = http.head(address(path));
          HubAnswers.check(answer, path + " of " + name, name, http.settings());
          HttpHeaders headers = answer.headers();
          String etag =
              headers
                  .firstValue("X-Linked-Etag")
                  .or(() -> headers.firstValue("ETag"))
                  .map(HubRepository::bare)
                  .orElse("");
          Optional<Long> size =
              headers
                  .firstValue("X-Linked-Size")
                  .or(() -> headers.firstValue("Content-Length"))
                  .filter(text -> text.matches("\\d{1,18}"))
                  .map(Long::valueOf);
          if (!HubFile.isEtag(etag) || size.isEmpty()) {
            throw new HubException("the hub tells neither sum nor size of " + path);
          }
          return new HubFile(path, etag, size.get());
        });
  }

  private static String bare(String etag) {
    return etag.replaceFirst("^W/", "").replace("\"", "");
  }

  /** Where a file is, in this very commit. */
  URI address(String path) {
    return http.address(name.id(), "resolve", commit, path);
  }

  HubHttp http() {
    return http;
  }

  /**
   * The repository and the revision that was asked for.
   *
   * @return the name
   */
  public HubName name() {
    return name;
  }

  /**
   * The commit that the revision stands for.
   *
   * @return 40 hexadecimal digits
   */
  public String commit() {
    return commit;
  }
}

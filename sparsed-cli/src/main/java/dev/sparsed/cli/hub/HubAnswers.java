package dev.sparsed.cli.hub;

import dev.sparsed.text.internal.Quoted;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Optional;

/** What the hub's refusals mean for who asked. */
final class HubAnswers {

  private HubAnswers() {}

  /** Whether another try may help: the hub is overloaded, or ill. */
  static boolean isPassing(int status) {
    return status == 408 || status == 429 || status >= 500;
  }

  /**
   * Accepts an answer.
   *
   * @param what was asked for
   * @param name the repository
   * @param hub settings by which it was asked
   * @throws HubException if it is a refusal
   * @throws IOException if another try may help
   */
  static void check(HttpResponse<?> answer, String what, HubName name, HubSettings hub)
      throws IOException {
    int status = answer.statusCode();
    // A file that the hub keeps elsewhere is there, too.
    if (status < 400) {
      return;
    }
    String said =
        answer
            .headers()
            .firstValue("X-Error-Message")
            .map(message -> " (the hub says: " + Quoted.line(message) + ")")
            .orElse("");
    if (isPassing(status)) {
      throw new IOException(
          String.format(Locale.ROOT, "the hub answers %s with status %d%s", what, status, said));
    }
    throw new HubException(meaning(answer, what, name, hub) + said);
  }

  private static String meaning(
      HttpResponse<?> answer, String what, HubName name, HubSettings hub) {
    Optional<String> code = answer.headers().firstValue("X-Error-Code");
    boolean gated = code.filter("GatedRepo"::equals).isPresent();
    return switch (answer.statusCode()) {
      case 401, 403 ->
          gated
              ? String.format(
                  Locale.ROOT,
                  "%s is gated: ask for access at %s/%s, and set HF_TOKEN to a token of yours",
                  name.id(),
                  hub.endpoint(),
                  name.id())
              : notForEverybody(name, hub);
      case 404 ->
          code.filter("RevisionNotFound"::equals).isPresent()
              ? name.id() + " has no revision " + Quoted.of(name.revision())
              : what + " is not there";
      default ->
          String.format(
              Locale.ROOT, "the hub refuses %s with status %d", what, answer.statusCode());
    };
  }

  /** The hub does not tell whether there is something that it would not show. */
  private static String notForEverybody(HubName name, HubSettings hub) {
    return hub.token().isPresent()
        ? name.id() + " is not there, or the token gives no access to it"
        : String.format(
            Locale.ROOT,
            "%s is not there, or not for everybody: look for it at %s, and set HF_TOKEN to a token of"
                + " yours if it is private or gated",
            name.id(),
            hub.endpoint());
  }
}

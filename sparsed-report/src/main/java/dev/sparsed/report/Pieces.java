package dev.sparsed.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The different texts of a page's tokens, numbered, so that each is written once. */
final class Pieces {

  private final Map<TokenTexts.Piece, Integer> numbers = new LinkedHashMap<>();

  int number(TokenTexts.Piece piece) {
    return numbers.computeIfAbsent(piece, unused -> numbers.size());
  }

  List<String> texts() {
    return numbers.keySet().stream().map(TokenTexts.Piece::text).toList();
  }

  List<Integer> specials() {
    List<Integer> specials = new ArrayList<>();
    numbers.forEach(
        (piece, number) -> {
          if (piece.special()) {
            specials.add(number);
          }
        });
    return specials;
  }
}

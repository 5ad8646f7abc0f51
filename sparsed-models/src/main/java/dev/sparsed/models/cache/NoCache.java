package dev.sparsed.models.cache;

/** Nothing is kept from one step to the next. */
public record NoCache() implements CachePolicy {}

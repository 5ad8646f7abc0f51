/**
 * The plain-Java float32 backend: slow, readable, and the oracle every other backend is tested
 * against. Also what users test their own models with, no native library being needed.
 */
@NullMarked
package dev.sparsed.reference;

import org.jspecify.annotations.NullMarked;

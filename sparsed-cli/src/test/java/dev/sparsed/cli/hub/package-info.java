@NullMarked
package dev.sparsed.cli.hub;

import org.jspecify.annotations.NullMarked;

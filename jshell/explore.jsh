// Explore block patterns in JShell: ./jshell/start runs this file and leaves you at the prompt.
import dev.sparsed.attention.*
import dev.sparsed.examples.*
import dev.sparsed.models.*
import dev.sparsed.pattern.*
import dev.sparsed.select.*
import java.nio.file.Path

// A model: the embedded demo, or Playground.of(Path.of("a/checkpoint/folder")).
Playground play = Playground.demo()

// A question about a text of 600 tokens.
String prompt = play.question(600)

// SparseD with small blocks, so that a short text has many: skip 20 %, keep 30 % of 32-token blocks.
GenerationResult sparse = play.generate(prompt, AttentionPolicy.sparseD(0.2, 0.3, 32))
System.out.println("sparse: " + play.answer(sparse))

// The same with full attention.
GenerationResult full = play.generate(prompt, AttentionPolicy.full())
System.out.println("full:   " + play.answer(full))

// Which blocks the first head of the last layer reads; rows are queries, columns are keys.
System.out.println(play.picture(sparse, 3, 0))

// A page that shows both, step by step and head by head: play.report(sparse, full)

// All heads of a layer as a PNG: play.savePicture(sparse, 3, Path.of("layer3.png"))

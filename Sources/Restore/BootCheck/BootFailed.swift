import Guests
import Support

/// A guest that does not start on its new hardware, as an error.
struct BootFailed {
  let proof: BootProof
  let backup: String

  var error: AscendError {
    let kept = [proof.serialLog, proof.screenshot].compactMap { $0 }
    let look = kept.isEmpty ? nil : "See \(kept.joined(separator: " and "))"
    return AscendError(
      "guest.bootFailed", "The guest does not start on the hardware that it would get", object: backup,
      cause: proof.reason,
      remedy: Sentences.joined([
        look, "Choose another controller or firmware in --map, or restore without --boot-proof to look at it there",
      ]))
  }
}

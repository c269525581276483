/// How a boot ended: the verdict, before its evidence is put beside it.
struct BootOutcome: Hashable, Sendable {
  var verdict: BootProof.Verdict
  var ending: BootProof.Ending
  /// In the words of the proof; may hold words of the guest's.
  var reason: String
}

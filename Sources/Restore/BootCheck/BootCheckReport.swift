public import Guests

/// What `ascend boot-check` tells.
public struct BootCheckReport: Codable, Sendable {
  public var backup: String
  public var platform: String
  public var preparation: PreparationReport?
  /// Why the guest was not prepared, where it was not.
  public var unprepared: String?
  public var proof: BootProof

  /// The report for a terminal.
  public var text: String {
    var lines = ["\(backup) on the hardware of \(platform)"]
    lines += proof.text.map { "  " + $0 }
    if let preparation, !preparation.summary.isEmpty {
      lines += ["  guest"] + preparation.summary.map { "    " + $0 }
    } else if let unprepared {
      lines.append("  guest not changed: \(unprepared)")
    }
    return lines.joined(separator: "\n")
  }
}

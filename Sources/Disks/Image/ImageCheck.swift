import Foundation
public import Support

/// Checks the structure of one image: that its tables agree with each other. It says nothing of the guest's data.
public enum ImageCheck {
  /// How a check came out.
  public enum Outcome: Hashable, Sendable {
    case sound
    /// In words.
    case damaged(String)
    /// The format has nothing to check.
    case unsupported
  }

  private struct Report: Decodable {
    var corruptions: Int?
    var checkErrors: Int?

    enum CodingKeys: String, CodingKey {
      case corruptions
      case checkErrors = "check-errors"
    }
  }

  /// - Throws: `tool.…`, `cancelled`.
  public static func run(_ layer: ImageLayer) async throws(AscendError) -> Outcome {
    guard layer.format != .raw, layer.format != .vpc else { return .unsupported }
    let name = BlockGraph.name(BlockGraph.node(of: layer, backing: nil))
    // The tables of a large image take time: only memory is limited as for a probe.
    let limits = ToolLimits(addressSpaceBytes: 8 << 30, openFiles: 256)
    let result = try await Tool.run("qemu-img", ["check", "--output=json", name], limits: limits)
    switch result.exitCode {
    // 3: space that nothing uses any more, which harms nobody.
    case 0, 3: return .sound
    case 63: return .unsupported
    default:
      let report = try? JSONDecoder().decode(Report.self, from: result.standardOutput)
      let counted = report.map { "\($0.corruptions ?? 0) corruptions, \($0.checkErrors ?? 0) errors" }
      return .damaged(counted ?? QemuMessage.reason(result))
    }
  }
}

import CDirectIO
import ConnectorProtocol
import Foundation
import Support

/// A way to an image. The first that works is taken.
enum ConversionRoute: String {
  /// The SDK's encoder reads the disk as it is and makes the image at once.
  case encoder
  /// qemu-img, at once.
  case direct
  /// qemu-img, by a raw image in between, which needs more room and more time.
  case throughRaw

  /// Those that lead from a chain to a kind, the best first.
  static func all(from chain: DiskChain, to kind: ImageKind) -> [ConversionRoute] {
    // A stream's grains, compressed by all cores: qemu-img compresses them one after the other.
    var routes: [ConversionRoute] = kind.subformat == "streamOptimized" ? [.encoder, .direct] : [.direct]
    let isRaw = chain.layers.count == 1 && chain.topFormat == .raw
    if kind.format != .raw && !isRaw { routes.append(.throughRaw) }
    return routes
  }
}

extension ImageKind {
  /// qemu-img's arguments for an image at `path`, but for the disk and the path.
  func convertArguments(at path: String) -> [String] {
    var options = options
    if let subformat { options.append("subformat=\(subformat)") }
    if let compression { options.append("compression_type=\(compression)") }
    // Without it qemu-img rounds the size up to what a disk geometry of the nineties can say.
    if format == .vpc { options.append("force_size=on") }
    var arguments = ["convert", "-p", "-m", "16", "-O", format.rawValue]
    // A stream's grains must be written in their order.
    if subformat != "streamOptimized" { arguments.append("-W") }
    if compression != nil { arguments.append("-c") }
    let folder = (path as NSString).deletingLastPathComponent
    if isWrittenInLargePieces, cdirectio_supported(folder) == 1 { arguments += ["-t", "none"] }
    if !options.isEmpty { arguments += ["-o", options.joined(separator: ",")] }
    return arguments
  }

  /// Whether it is faster past the page cache, which then also leaves nothing to be flushed: a seventh to four fifths of
  /// the time until it is on the drive. The others are written in pieces so small that a cache must gather them.
  private var isWrittenInLargePieces: Bool {
    guard compression == nil else { return false }
    return switch format {
    case .raw, .qcow2, .vhdx: true
    case .vmdk: subformat == "monolithicFlat"
    case .vpc: subformat == "fixed"
    default: false
    }
  }
}

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

  /// - Parameter seconds: How long it may take; nil for as long as it takes.
  /// - Throws: `tool.…`, `cancelled`.
  public static func run(_ layer: ImageLayer, within seconds: Double? = nil) async throws(AscendError) -> Outcome {
    guard layer.format != .raw else { return .unsupported }
    let readable = try await ReadableChain(layer)
    defer { readable.remove() }
    let layer = readable.chain.layers[0]
    if HyperVImage.formats.contains(layer.format), !layer.isMember, !layer.isAssembled {
      let image: HyperVImage
      do { image = try HyperVImage(layer.path, layer.format) } catch {
        guard layer.format == .vhdx else { return .unsupported }
        return .damaged(error.cause ?? error.message)
      }
      // qemu-img has no check for a VHD, and reads what lies behind its end as zeros.
      if image.isDifferencing || image.isDynamicVHD {
        do { try image.survey() } catch { return .damaged(error.cause ?? error.message) }
        return .sound
      }
    }
    guard layer.format != .vpc else { return .unsupported }
    if layer.format == .vmdk, let damage = try vmdkDamage(layer) { return .damaged(damage) }
    if layer.format == .qcow2 {
      let window = try FileWindow.ofImage(layer)
      if let damage = try QcowDamage.find(window) { return .damaged(damage) }
      // Its counts may be stale, which the next writer sets right: no damage.
      if try QcowDamage.isDirty(window) { return .sound }
    }
    guard ImageTools.areUsed else { return .sound }
    var plain = layer
    plain.inner = nil
    let name = BlockGraph.name(BlockGraph.node(of: plain, backing: nil))
    let limits = ToolLimits(addressSpaceBytes: 8 << 30, openFiles: 256, wallSeconds: seconds)
    do {
      let result = try await Tool.run("qemu-img", ["check", "--output=json", name], limits: limits)
      switch result.exitCode {
      // 3: space that nothing uses any more, which harms nobody.
      case 0, 3: return .sound
      case 63: return .unsupported
      default:
        let first = result.standardError.split(whereSeparator: \.isNewline).first { $0.hasPrefix("ERROR") }
        return .damaged(
          first.map { String($0.dropFirst("ERROR".count).drop { ": ".contains($0) }.prefix(300)) }
            ?? QemuMessage.reason(result))
      }
    } catch {
      guard error.code == "tool.outputTooLarge" else { throw error }
      return .damaged("it has more errors than can be listed")
    }
  }

  /// Of the image's own directory, and of those of its extents.
  private static func vmdkDamage(_ layer: ImageLayer) throws(AscendError) -> String? {
    let window = try FileWindow.ofImage(layer)
    if let damage = try VMDKTables.damage(window) { return damage }
    guard !layer.isMember, !layer.isAssembled, try window.read(at: 0, count: 4).starts(with: "# Di"),
      let text = try? VMDKDescriptor.parse(window.read(at: 0, count: 1 << 20))
    else { return nil }
    let folder = layer.path.prefix(upTo: layer.path.lastIndex(of: "/") ?? layer.path.startIndex)
    for extent in text.extents where ["SPARSE", "VMFSSPARSE", "SESPARSE"].contains(extent.type) {
      guard let name = extent.fileName, Confinement.isPlainName(name) else { continue }
      if let damage = try VMDKTables.damage(FileWindow("\(folder)/\(name)")) { return "\(name): \(damage)" }
    }
    return nil
  }
}

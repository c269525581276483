import Foundation
public import Support

extension DiskChain {
  private static let headBytes = 64 << 10

  /// The disk that a guest saw, where the content of a qcow2 is itself a VMDK file, as some products keep it.
  ///
  /// qemu reads one through the other, so that nothing is copied. Only a VMDK that holds its own data counts: no disk
  /// that anything starts from begins like one.
  ///
  /// - Returns: nil where the content is the disk.
  /// - Throws: `disk.unsupported`, `disk.malformed`, `disk.encrypted`, `disk.tooLarge`, `disk.corrupt`,
  ///   `disk.unreadable`, `tool.…`.
  public func nested() async throws(AscendError) -> DiskChain? {
    guard let top = layers.last, top.format == .qcow2, top.inner == nil, ImageTools.areUsed else { return nil }
    let readable = try await ReadableChain(self)
    defer { readable.remove() }
    let head = try await Self.head(of: readable.chain)
    defer { try? FileManager.default.removeItem(atPath: (head as NSString).deletingLastPathComponent) }
    let window = try FileWindow(head)
    guard let header = try VMDKHeader.read(window) else { return nil }
    guard header.capacitySectors > 0, header.capacitySectors <= UInt64(ImageGate.largestVirtualSize / 512) else {
      throw AscendError(
        "disk.tooLarge", "The VMDK within the qcow2 claims no sensible size", object: top.path,
        cause: "\(header.capacitySectors) sectors", remedy: "Take the image from another copy of the backup")
    }
    let descriptor = try VMDKDescriptor.read(window, top.path)
    guard descriptor?.isEncrypted != true else { throw .encrypted(top) }
    guard descriptor?.parentName == nil else {
      throw AscendError(
        "disk.unsupported", "The VMDK within the qcow2 stands on another one", object: top.path,
        remedy: "Merge the snapshots where the machine is, and back it up again")
    }
    var chain = readable.chain
    chain.layers[chain.layers.count - 1].inner = .vmdk
    try await Self.check(chain, top.path)
    var result = self
    result.layers[layers.count - 1].inner = .vmdk
    result.virtualSizeBytes = Int64(header.capacitySectors) * 512
    result.allocatedBytes = try? await AllocationMap.allocatedBytes(of: chain)
    return result
  }

  /// A file with the first bytes of the disk, alone in a folder.
  private static func head(of chain: DiskChain) async throws(AscendError) -> String {
    let folder = try Scratch.make()
    let path = folder + "/head"
    let name = chain.blockdevJSON()
    do throws(AscendError) {
      let result = try await Tool.run(
        "qemu-img", ["dd", "-O", "raw", "bs=\(headBytes)", "count=1", "if=\(name)", "of=\(path)"], limits: .probe)
      guard result.exitCode == 0 else { throw unreadable(chain.layers.last?.path, result) }
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
    return path
  }

  private static func check(_ chain: DiskChain, _ object: String) async throws(AscendError) {
    let result = try await Tool.run(
      "qemu-img", ["check", "--output=json", chain.blockdevJSON()],
      limits: ToolLimits(addressSpaceBytes: 8 << 30, openFiles: 256, wallSeconds: 300))
    guard ![0, 3, 63].contains(result.exitCode) else { return }
    throw unreadable(object, result)
  }

  private static func unreadable(_ object: String?, _ result: ToolResult) -> AscendError {
    AscendError(
      "disk.unreadable", "The content of the qcow2 image cannot be read", object: object,
      cause: QemuMessage.reason(result), remedy: "Take the image from another copy of the backup")
  }
}

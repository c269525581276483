import ConnectorProtocol
import Glibc
public import Support

/// A qcow2 on top of a backup's disk: every change goes to it, the backup is only read.
public enum Overlay {
  /// What fits into a qcow2 header as the name of its backing file.
  private static let longestName = 1000

  /// Makes the overlay and returns the chain with it on top.
  ///
  /// Its backing file is the whole chain with every format explicit, so that whoever opens the overlay by its path
  /// reads what was checked. A chain too long for one header gets empty overlays in between, `<path>.base1` and on;
  /// an image that qemu cannot read by itself gets an index, `<path>.delta1` and on, or is unpacked to there.
  ///
  /// - Parameters:
  ///   - path: Where it is made; nothing may be there yet.
  ///   - sizeBytes: A larger virtual size, for a target that rounds; never smaller than the chain's.
  /// - Throws: `disk.overlayExists`, `disk.noSpace`, `disk.overlayFailed`, `disk.shrink`.
  @discardableResult
  public static func create(at path: String, over chain: DiskChain, sizeBytes: Int64? = nil)
    async throws(AscendError) -> DiskChain
  {
    let size = (max(sizeBytes ?? 0, chain.virtualSizeBytes) + 511) / 512 * 512
    guard (sizeBytes ?? size) >= chain.virtualSizeBytes else {
      throw AscendError(
        "disk.shrink", "The overlay would be smaller than the disk", object: path,
        cause: "\(sizeBytes ?? 0) bytes wanted, the disk has \(chain.virtualSizeBytes)",
        remedy: "A disk can be restored to the same size or a larger one")
    }
    let bases = (1...DiskChain.longest).map { "\(path).base\($0)" }
    for place in [path] + bases {
      var status = stat()
      guard lstat(place, &status) != 0, errno == ENOENT else {
        throw AscendError(
          "disk.overlayExists", "Something is there already", object: place,
          remedy: "Remove it if no job needs it any more")
      }
    }
    var made: [String] = []
    var chain = chain
    do throws(AscendError) {
      chain = try await chain.indexed(at: path, made: &made)
      let (backing, format) = try await reference(to: chain, bases: bases, made: &made)
      made.append(path)
      try await make(path, over: backing, format, size)
    } catch {
      for file in made { unlink(file) }
      throw error
    }
    let layer = ImageLayer(path: path, format: .qcow2)
    return DiskChain(
      layers: chain.layers + [layer], virtualSizeBytes: size, allocatedBytes: chain.allocatedBytes)
  }

  /// The chain as a name that fits, and the format of its top.
  private static func reference(to chain: DiskChain, bases: [String], made: inout [String])
    async throws(AscendError) -> (String, ImageFormat)
  {
    var below: JSONValue?
    var group: [ImageLayer] = []
    var used = 0
    for layer in chain.layers {
      let name = BlockGraph.name(BlockGraph.node(of: (group + [layer])[...], below: below))
      if name.utf8.count > longestName, let top = group.last {
        let base = bases[used]
        used += 1
        made.append(base)
        try await make(base, over: BlockGraph.name(BlockGraph.node(of: group[...], below: below)), top.driver, nil)
        below = ["driver": "qcow2", "file": BlockGraph.file(base)]
        group = []
      }
      group.append(layer)
    }
    let name = BlockGraph.name(BlockGraph.node(of: group[...], below: below))
    guard name.utf8.count <= longestName else {
      throw AscendError(
        "disk.overlayFailed", "The path of the disk is too long", object: chain.layers.last?.path,
        remedy: "Move the backup to a place with a shorter path")
    }
    return (name, group.last?.driver ?? .raw)
  }

  private static func make(_ path: String, over backing: String, _ format: ImageFormat, _ size: Int64?)
    async throws(AscendError)
  {
    let arguments = ["create", "-q", "-f", "qcow2", "-F", format.rawValue, "-b", backing, path]
    let tool = try SupervisedTool("qemu-img", arguments + (size.map { [String($0)] } ?? []))
    let exit = await tool.wait()
    if Task.isCancelled { throw AscendError("cancelled", "Cancelled while an overlay was made", object: path) }
    guard exit.code == 0 else {
      throw DiskSpace.error(
        QemuMessage.reason(exit.lastErrorLine), orElse: "disk.overlayFailed", "The overlay cannot be made", at: path)
    }
  }
}

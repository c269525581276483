import ConnectorProtocol
import Disks
import Support

extension Backup {
  /// Looks whether a disk's content is itself an image, and takes what that holds for the disk.
  mutating func unwrapDisks() async throws(AscendError) {
    for place in disks.indices {
      guard let chain = try await disks[place].chain.nested() else { continue }
      let index = disks[place].index
      findings.append(
        "The content of disk \(index) is itself a \(chain.topFormat) image: what that holds is taken for the disk")
      disks[place].chain = chain
      machine.resize(index, to: chain.virtualSizeBytes)
    }
    for point in points.indices {
      for place in points[point].disks.indices {
        guard let chain = try await points[point].disks[place].chain.nested() else { continue }
        let index = points[point].disks[place].index
        points[point].disks[place].chain = chain
        points[point].machine?.resize(index, to: chain.virtualSizeBytes)
      }
    }
  }
}

extension MachineDescription {
  fileprivate mutating func resize(_ index: Int, to bytes: Int64) {
    guard let place = disks.firstIndex(where: { $0.index == index }) else { return }
    disks[place].sizeBytes = bytes
  }
}

import Disks
import Support

/// The disks of a descriptor that another one stands on (`parentRef`): it holds only what differs from them.
struct OVFParents {
  var package: OVFPackage
  var object: String

  /// The images below that of `disk`, base first; none where it stands alone.
  ///
  /// - Throws: `backup.descriptorMalformed`, `backup.unsupported`, `disk.chainLoop`, `disk.chainTooLong`.
  func below(_ disk: OVFPackage.Disk?, _ label: String) throws(AscendError) -> [(
    file: OVFPackage.File, disk: OVFPackage.Disk?
  )] {
    var images: [(file: OVFPackage.File, disk: OVFPackage.Disk?)] = []
    var seen = [disk?.id].compactMap(\.self)
    var next = disk?.parent
    while let id = next {
      guard !seen.contains(id) else {
        throw AscendError(
          "disk.chainLoop", "The disk \"\(label)\" stands in its own chain twice", object: object,
          cause: "parentRef leads back to \"\(id.prefix(80))\"", remedy: "Export the machine again")
      }
      guard seen.count < DiskChain.longest else {
        throw AscendError(
          "disk.chainTooLong", "The chain of the disk \"\(label)\" has more than \(DiskChain.longest) images",
          object: object, remedy: "Merge the snapshots, then export the machine again")
      }
      guard let parent = package.disks.first(where: { $0.id == id }) else {
        throw AscendError(
          "backup.descriptorMalformed", "The disk \"\(label)\" stands on one that the descriptor does not list",
          object: object, cause: "parentRef names \"\(id.prefix(80))\"", remedy: "Export the machine again")
      }
      guard let fileID = parent.fileID, let file = package.files.first(where: { $0.id == fileID }) else {
        throw AscendError(
          "backup.unsupported", "The disk \"\(label)\" stands on one that is not in the package", object: object,
          cause: "the disk \"\(id.prefix(80))\" has no file",
          remedy: "Merge the snapshots, then export the machine again")
      }
      images.insert((file, parent), at: 0)
      seen.append(id)
      next = parent.parent
    }
    return images
  }
}

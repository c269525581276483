/// Begins, follows and cancels imports (VM Import).
public struct ImportTasks: Sendable {
  static let version = "2016-11-15"

  public struct Source: Hashable, Sendable {
    public var bucket: String
    public var key: String
    /// `RAW`, `VMDK`, `VHD` or `VHDX`.
    public var format: String

    public init(bucket: String, key: String, format: String) {
      self.bucket = bucket
      self.key = key
      self.format = format
    }
  }

  /// What both kinds of imports are told.
  public struct Terms: Sendable {
    public var description: String
    /// Up to 64 characters: the same token gives the same task.
    public var clientToken: String
    /// The service's role, nil for `vmimport`.
    public var roleName: String?
    public var encrypted: Bool
    public var kmsKeyId: String?
    public var tags: [(String, String)]

    public init(
      description: String, clientToken: String, roleName: String? = nil, encrypted: Bool = false,
      kmsKeyId: String? = nil, tags: [(String, String)] = []
    ) {
      self.description = description
      self.clientToken = clientToken
      self.roleName = roleName
      self.encrypted = encrypted
      self.kmsKeyId = kmsKeyId
      self.tags = tags
    }

    func parameters(_ kind: String) -> [(String, String)] {
      var parameters = [("Description", description), ("ClientToken", clientToken)]
      if let roleName { parameters.append(("RoleName", roleName)) }
      if encrypted || kmsKeyId != nil { parameters.append(("Encrypted", "true")) }
      if let kmsKeyId { parameters.append(("KmsKeyId", kmsKeyId)) }
      guard !tags.isEmpty else { return parameters }
      parameters.append(("TagSpecification.1.ResourceType", kind))
      for (number, tag) in tags.enumerated() {
        parameters.append(("TagSpecification.1.Tag.\(number + 1).Key", tag.0))
        parameters.append(("TagSpecification.1.Tag.\(number + 1).Value", tag.1))
      }
      return parameters
    }
  }

  let api: any AWSAPI

  public init(_ api: any AWSAPI) { self.api = api }

  /// ImportSnapshot: a disk image in S3 becomes a snapshot.
  public func importSnapshot(_ source: Source, _ terms: Terms) async throws(AWSError) -> ImportTask {
    let disk = [
      ("DiskContainer.Format", source.format), ("DiskContainer.UserBucket.S3Bucket", source.bucket),
      ("DiskContainer.UserBucket.S3Key", source.key), ("DiskContainer.Description", terms.description),
    ]
    return try ImportTask(
      await call("ImportSnapshot", disk + terms.parameters("import-snapshot-task")), .snapshot)
  }

  /// ImportImage: snapshots that are there already, the boot disk first, become an image whose guest the service adapts
  /// and whose licence it knows.
  ///
  /// - Parameters:
  ///   - platform: `Windows` or `Linux`.
  ///   - licenseType: `AWS` for a licence that comes with the instance, `BYOL` for one's own.
  ///   - bootMode: `legacy-bios` or `uefi`.
  public func importImage(
    snapshots: [String], platform: String, licenseType: String? = nil, bootMode: String? = nil,
    architecture: String = "x86_64", _ terms: Terms
  ) async throws(AWSError) -> ImportTask {
    var parameters = [("Platform", platform), ("Architecture", architecture)]
    if let licenseType { parameters.append(("LicenseType", licenseType)) }
    if let bootMode { parameters.append(("BootMode", bootMode)) }
    for (number, snapshot) in snapshots.enumerated() {
      parameters.append(("DiskContainer.\(number + 1).SnapshotId", snapshot))
    }
    return try ImportTask(await call("ImportImage", parameters + terms.parameters("import-image-task")), .image)
  }

  public func task(_ id: String, _ kind: ImportTask.Kind) async throws(AWSError) -> ImportTask {
    let found = try await tasks(kind, [("ImportTaskId.1", id)])
    guard let task = found.first(where: { $0.id == id }) else {
      throw .malformed("ec2", "DescribeImportTasks", "the answer does not hold the task '\(id)'")
    }
    return task
  }

  /// Tasks that carry a tag: what was begun in the instant of a crash.
  public func tasks(_ kind: ImportTask.Kind, tag name: String, _ value: String) async throws(AWSError) -> [ImportTask] {
    try await tasks(kind, [("Filters.1.Name", "tag:\(name)"), ("Filters.1.Value.1", value)])
  }

  private func tasks(_ kind: ImportTask.Kind, _ what: [(String, String)]) async throws(AWSError) -> [ImportTask] {
    let (action, set) =
      kind == .snapshot
      ? ("DescribeImportSnapshotTasks", "importSnapshotTaskSet") : ("DescribeImportImageTasks", "importImageTaskSet")
    var found: [ImportTask] = []
    var token: String?
    repeat {
      let root = try await call(action, what + (token.map { [("NextToken", $0)] } ?? []))
      for node in root.items(set) { found.append(try ImportTask(node, kind)) }
      let next = root.string("nextToken")
      guard next == nil || next != token else { throw .malformed("ec2", action, "the pages do not end") }
      token = next
    } while token != nil
    return found
  }

  /// Cancels a task; one that has ended, or is not there, is left as it is.
  public func cancel(_ id: String) async throws(AWSError) {
    do {
      _ = try await call("CancelImportTask", [("ImportTaskId", id)])
    } catch  where error.code.hasPrefix("InvalidConversionTaskId") || error.code == "IncorrectState" {}
  }

  /// Asks until the task has ended.
  ///
  /// - Parameter progress: Is told each state that was seen.
  /// - Returns: The completed task.
  /// - Throws: `AWSError` with the code `ImportFailed` and the service's words; `ImportTimeout` after `deadline`.
  public func wait(
    for id: String, _ kind: ImportTask.Kind, every interval: Duration = .seconds(15),
    deadline: Duration = .seconds(24 * 3600), progress: @Sendable (ImportTask) -> Void = { _ in }
  ) async throws(AWSError) -> ImportTask {
    let begin = ContinuousClock.now
    while true {
      let task = try await task(id, kind)
      progress(task)
      if task.isCompleted { return task }
      let operation = kind == .snapshot ? "ImportSnapshot" : "ImportImage"
      if task.isFailed {
        throw AWSError(
          service: "ec2", operation: operation, code: AWSError.Codes.importFailed,
          message: "the import '\(id)' ended as \(task.status): \(task.statusMessage ?? "the service gives no reason")")
      }
      guard ContinuousClock.now - begin + interval < deadline else {
        throw AWSError(
          service: "ec2", operation: operation, code: AWSError.Codes.importTimeout,
          message: "the import '\(id)' is still \(task.status) after \(deadline.components.seconds) s")
      }
      do {
        try await Task.sleep(for: interval)
      } catch {
        throw AWSError(
          service: "ec2", operation: operation, code: AWSError.Codes.cancelled, message: "it was cancelled")
      }
    }
  }

  private func call(_ action: String, _ parameters: [(String, String)]) async throws(AWSError) -> XMLElement {
    try await api.query("ec2", action, version: Self.version, parameters, retry: .standard)
  }
}

import ConnectorProtocol
import Foundation

extension Failure {
  private struct Meaning {
    var reason: ErrorReason
    var remedy: String
  }

  /// What a fault of the server means to the person.
  ///
  /// - Parameter what: What was being done, on which object: the start of the message.
  static func fault(_ fault: VimFault, doing what: String, outcome: Outcome = .unknown) -> ConnectorError {
    let meaning = meaning(fault)
    var details: [String: JSONValue] = [:]
    if fault.name == "NoPermission", let privilege = fault.detail?.string("privilegeId") {
      details["missing"] = [.string(privilege)]
    }
    var message = "\(what) failed: \(fault.message)"
    if let property = property(fault) { message += " (\(property))" }
    return ConnectorError(
      meaning.reason, message.hasSuffix(".") ? message : message + ".", remedy: meaning.remedy, outcome: outcome,
      provider: provider(fault), details: details)
  }

  /// Which part of the request the server means, where it says.
  private static func property(_ fault: VimFault) -> String? {
    guard let detail = fault.detail else { return nil }
    if let index = detail.int("deviceIndex") { return "device \(index) of the specification" }
    for name in ["invalidProperty", "property", "privilegeId", "name", "file"] {
      if let value = detail.string(name), !value.isEmpty, !fault.message.contains(value) { return "\(name) \(value)" }
    }
    return nil
  }

  private static func meaning(_ fault: VimFault) -> Meaning {
    switch fault.name {
    case "InvalidLogin", "NotAuthenticated":
      Meaning(reason: .credentialsExpired, remedy: "Check user name and password, and open the session again.")
    case "NoPermission":
      Meaning(reason: .permissionDenied, remedy: "Give the account the privilege that is missing, and retry.")
    case "RestrictedVersion", "LicenseRestricted", "FeatureRequirementsNotMet", "NotEnoughLicenses",
      "InvalidEditionLicense", "NoLicenseServerConfigured":
      Meaning(
        reason: .permissionDenied,
        remedy: "The licence of this host does not allow changes by the API: restore through vCenter, or license it.")
    case "DuplicateName", "AlreadyExists", "FileAlreadyExists":
      Meaning(reason: .nameTaken, remedy: "Choose another name, or remove what has that name if it is not needed.")
    case "NoDiskSpace", "InsufficientStorageSpace", "FileTooLarge":
      Meaning(reason: .capacityExhausted, remedy: "Free space on the datastore, or choose another, and retry.")
    case "InsufficientResourcesFault", "InsufficientCpuResourcesFault", "InsufficientMemoryResourcesFault",
      "InsufficientHostCapacityFault", "NumVirtualCpusExceedsLimit", "InsufficientFailoverResourcesFault":
      Meaning(reason: .capacityExhausted, remedy: "Choose another host or resource pool, or map to a smaller machine.")
    case "InvalidDatastore", "InvalidDatastorePath", "InaccessibleDatastore", "DatastoreNotWritableOnHost",
      "ReadOnlyDisksWithLegacyDestination", "CannotCreateFile", "CannotAccessFile", "CannotAccessVmComponent":
      Meaning(
        reason: .mappingInvalid,
        remedy: "Choose another datastore, or make this one writable and leave its maintenance mode.")
    case "CannotAccessNetwork", "NetworkInaccessible", "InvalidNetworkInType":
      Meaning(reason: .mappingInvalid, remedy: "Map the network interface to a network that the host has.")
    case "UnsupportedGuest", "UnsupportedVmxLocation", "VirtualHardwareVersionNotSupported",
      "VirtualHardwareCompatibilityIssue", "DeviceUnsupportedForVmVersion":
      Meaning(
        reason: .guestUnsupported,
        remedy: "Choose another guest type or hardware version: `guestId` and `hardwareVersion` of the restore.")
    case "InvalidDeviceSpec", "InvalidVmConfig", "InvalidArgument", "PlatformConfigFault", "DeviceNotSupported",
      "DeviceUnsupportedForVmPlatform", "InvalidController", "GenericVmConfigFault", "InvalidRequest":
      Meaning(
        reason: .platformTaskFailed, remedy: "Plan with other hardware (controller, network interface, firmware).")
    case "ManagedObjectNotFound", "NotFound", "FileNotFound":
      Meaning(reason: .notFound, remedy: "Somebody has removed it: plan again.")
    case "InMaintenanceMode", "InvalidHostState", "HostNotConnected", "InvalidHostConnectionState":
      Meaning(reason: .mappingInvalid, remedy: "Choose another host, or bring this one back into service.")
    case "TaskInProgress", "HostNotReachable", "HostCommunication", "RequestCanceled", "Timedout", "ConcurrentAccess",
      "ResourceInUse", "HttpNfcLeaseExpired":
      Meaning(reason: .platformUnavailable, remedy: "Retry: the server was busy, or could not reach its host.")
    case "MissingController", "MissingLinuxCustResources", "CryptoManagerUnavailable", "MissingKmsConfiguration":
      Meaning(reason: .platformTaskFailed, remedy: "A virtual TPM needs a key provider: set one up, or do without it.")
    default:
      Meaning(reason: .platformTaskFailed, remedy: "Look at what the server said, put it right and retry.")
    }
  }

  /// Runs `body`; a fault of the server in it becomes an error that says what was being done.
  static func translating<T>(
    _ what: String, outcome: Outcome = .unknown, isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> T
  ) async throws -> T {
    do { return try await body() } catch let fault as VimFault {
      throw self.fault(fault, doing: what, outcome: outcome)
    }
  }
}

# A static program and certificates, and nothing else: no shell, no package manager, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
COPY internal/absent internal/absent
RUN go mod download
COPY . .
ARG RELEASE=
RUN bash .ci/build /out/latchkey "$RELEASE" \
 && install -d -m 0700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/latchkey /latchkey
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
# Where customers, or the proxy before it, reach it; health and metrics stay inside unless told otherwise.
ENV LATCHKEY_LISTEN=0.0.0.0:8080 LATCHKEY_OPS_LISTEN=127.0.0.1:8081 LATCHKEY_DATA=/data LATCHKEY_LOG_FORMAT=json
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=4s --start-period=10s --retries=3 CMD ["/latchkey", "health"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/latchkey"]
CMD ["serve"]

#!/bin/sh
# The examples learn: the loss falls from epoch to epoch. Those that bring no data of their own learn made-up pictures, those that
# read digits learn some drawn ones; nets for large pictures are compiled for small ones. Not on sanitized builds: they are slow and
# the arithmetic is the same.
if [ -n "${NETC_SANITIZE:-}" ]; then
    echo "sanitized build"
    exit 77
fi
. tests/support/trainers.sh

# learns EXAMPLE SHAPE RATE: pictures of $classes classes
classes=10
learns() {
    name=$1
    echo "== $name"
    python3 tests/support/pictures.py "$2" 32 "$work/images" "$work/labels" "$classes" || die "no pictures"
    {
        cat "examples/$name.net"
        echo 'data { train = idx("images", "labels"); test = idx("images", "labels"); prepare = scale(1/255); }'
    } >"$work/$name.net"
    falls "$name" 0.9 --set "train.optimizer.lr=$3"
}

# learns_digits EXAMPLE RATE: as the file prepares its own
learns_digits() {
    echo "== $1"
    sed -E '/ = (idx|digits)\(/s/ = .*/ = digits(320);/' "examples/$1.net" >"$work/$1.net"
    falls "$1" 0.9 --set "train.optimizer.lr=$2"
}

cp -R examples/blocks "$work" || exit 3
learns resnet20 3x32x32 0.05
learns resnet18 3x32x32 0.01
learns vgg_small 3x32x32 0.01
learns inception3a 192x28x28 0.1
learns mobilenet 3x32x32 0.001
learns resnet50 3x64x64 0.001
learns alexnet_2012 3x67x67 0.01
learns zfnet 3x64x64 0.01
learns vgg16 3x32x32 0.01
learns googlenet 3x80x80 0.01
learns signals 1x8192 0.002
learns gan_generator 64 0.002
classes=2
learns gan_discriminator 1x28x28 0.002
learns_digits lenet5_1998 0.01
learns_digits deep_autoencoder 0.001
learns_digits conv_autoencoder 0.001
learns_digits denoising_autoencoder 0.001
learns_digits neocognitron 0.002
